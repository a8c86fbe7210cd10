#include "cohort/data/split.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string_view>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "data/groups.hpp"
#include "data/problems.hpp"

namespace cohort::data {
namespace {

using Pairs = std::vector<std::pair<int, int>>;
using Fractions = std::array<double, kSplits>;

/// Groups over patient, lesion and the given pairs.
std::vector<Group> find_groups(const Manifest& manifest, const Pairs& same_group) {
  const auto count = static_cast<int>(manifest.samples.size());
  const auto sample = [&](std::int32_t i) -> const Sample& {
    return manifest.samples[static_cast<std::size_t>(i)];
  };
  Components components(manifest.samples.size());
  components.join_equal([&](std::int32_t i) -> std::string_view { return sample(i).patient; });
  components.join_equal([&](std::int32_t i) -> std::string_view { return sample(i).lesion; });
  for (const auto& [a, b] : same_group) {
    require(std::min(a, b) >= 0 && std::max(a, b) < count, "assign_splits: a pair names no sample");
    components.join(a, b);
  }
  return components.groups();
}

void check_fractions(const Fractions& fractions) {
  double sum = 0;
  bool is_valid = true;
  for (const double fraction : fractions) {
    is_valid = is_valid && fraction >= 0;  // false for NaN as well
    sum += fraction;
  }
  if (!is_valid || !(sum > 1 - 1e-6 && sum < 1 + 1e-6)) {
    throw UsageError(concat("split: the fractions ", fractions[0], ", ", fractions[1], ", ", fractions[2],
                            ", ", fractions[3],
                            " of train, validation, test and hidden must not be negative and must sum to 1"));
  }
}

void apportion(const Manifest& manifest, const std::vector<Group>& groups, const Fractions& fractions,
               std::uint64_t seed, std::vector<Split>& splits) {
  std::vector<std::int32_t> labels;
  for (const Sample& sample : manifest.samples) labels.push_back(sample.label);
  std::vector<Bin> bins;
  for (const double fraction : fractions)
    bins.push_back({fraction, fraction > 0 ? std::numeric_limits<std::int64_t>::max() : 0});
  const Deal deal = deal_groups(groups, labels, bins, seed, Dealing::into_splits);
  for (std::size_t split = 0; split < deal.bins.size(); ++split) {
    for (const std::int32_t sample : deal.bins[split])
      splits[static_cast<std::size_t>(sample)] = static_cast<Split>(split);
  }
}

/// The one split that the source gives a group's samples, or nothing; a second one is a problem.
std::optional<Split> given_split(const Manifest& manifest, const Group& group, Problems& problems) {
  const Sample* given = nullptr;
  for (const int index : group) {
    const Sample& sample = manifest.samples[static_cast<std::size_t>(index)];
    if (!sample.split) continue;
    if (given && *given->split != *sample.split) {
      problems.add(concat(given->id, " is given to ", name_of(*given->split), ", ", sample.id, " to ",
                          name_of(*sample.split), ": one patient, lesion or picture"));
      return std::nullopt;
    }
    given = &sample;
  }
  return given ? given->split : std::nullopt;
}

void follow_source(const Manifest& manifest, const std::vector<Group>& groups, const SplitOptions& options,
                   std::vector<Split>& splits) {
  Problems problems("split: the source gives parts of a group to different splits");
  std::vector<Group> train_groups;
  bool has_validation = false;
  for (const Group& group : groups) {
    const Split split = given_split(manifest, group, problems).value_or(Split::train);
    has_validation = has_validation || split == Split::validation;
    if (split == Split::train) train_groups.push_back(group);
    for (const int sample : group) splits[static_cast<std::size_t>(sample)] = split;
  }
  problems.throw_if_any(
      "mend the split column (or the folders), or leave it out to have groups kept together");
  if (has_validation || !(options.fractions[1] > 0)) return;
  const double whole = options.fractions[0] + options.fractions[1];
  apportion(manifest, train_groups, {options.fractions[0] / whole, options.fractions[1] / whole, 0, 0},
            options.seed, splits);
}

/// How many names there are, and how many of them stand in more than one split.
std::pair<std::int64_t, std::int64_t> count_shared(const Manifest& manifest, const std::vector<Split>& splits,
                                                   std::string Sample::*field) {
  std::map<std::string, std::set<Split>> seen;
  for (std::size_t i = 0; i < splits.size(); ++i) {
    const std::string& name = manifest.samples[i].*field;
    if (!name.empty()) seen[name].insert(splits[i]);
  }
  const auto shared = std::ranges::count_if(seen, [](const auto& entry) { return entry.second.size() > 1; });
  return {static_cast<std::int64_t>(seen.size()), static_cast<std::int64_t>(shared)};
}

}  // namespace

std::vector<Split> assign_splits(const Manifest& manifest, const Pairs& same_group,
                                 const SplitOptions& options) {
  check_fractions(options.fractions);
  const std::vector<Group> groups = find_groups(manifest, same_group);
  std::vector<Split> splits(manifest.samples.size(), Split::train);
  if (!given_splits(manifest).empty()) {
    follow_source(manifest, groups, options, splits);
  } else {
    apportion(manifest, groups, options.fractions, options.seed, splits);
  }
  return splits;
}

std::vector<Split> given_splits(const Manifest& manifest) {
  const auto gives = [&](const auto& is_meant) {
    return std::ranges::any_of(manifest.samples,
                               [&](const Sample& each) { return each.split && is_meant(*each.split); });
  };
  if (!gives([](Split) { return true; })) return {};
  if (gives([](Split split) { return split == Split::validation; }))
    return {Split::train, Split::validation, Split::test, Split::hidden};
  return {Split::test, Split::hidden};  // part of the training samples validates
}

LeakReport leak_report(const Manifest& manifest, const std::vector<Split>& splits, const Pairs& same_group) {
  require(splits.size() == manifest.samples.size(), "leak_report: one split for each sample");
  LeakReport report;
  std::tie(report.patients, report.shared_patients) = count_shared(manifest, splits, &Sample::patient);
  std::tie(report.lesions, report.shared_lesions) = count_shared(manifest, splits, &Sample::lesion);
  report.groups = static_cast<std::int64_t>(find_groups(manifest, same_group).size());
  for (const auto& [a, b] : same_group) {
    if (splits[static_cast<std::size_t>(a)] != splits[static_cast<std::size_t>(b)]) ++report.shared_pixels;
  }
  report.class_counts.resize(manifest.classes.size());
  for (std::size_t i = 0; i < splits.size(); ++i) {
    const auto label = static_cast<std::size_t>(manifest.samples[i].label);
    ++report.class_counts[label][static_cast<std::size_t>(splits[i])];
  }
  return report;
}

}  // namespace cohort::data
