#include "cohort/data/split.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "cohort/core/error.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/core/text.hpp"
#include "data/problems.hpp"

namespace cohort::data {
namespace {

using Pairs = std::vector<std::pair<int, int>>;
using Fractions = std::array<double, kSplits>;

/// Disjoint sets of samples (union by smallest member, so that a set's root is its first sample).
class Components {
 public:
  explicit Components(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), 0); }

  int root(int member) {
    while (parent(member) != member) {
      parent(member) = parent(parent(member));
      member = parent(member);
    }
    return member;
  }
  void join(int a, int b) {
    const int first = root(a), second = root(b);
    parent(std::max(first, second)) = std::min(first, second);
  }

 private:
  int& parent(int member) { return parent_[static_cast<std::size_t>(member)]; }
  std::vector<int> parent_;
};

/// Samples that may not be parted, ascending.
using Group = std::vector<int>;

/// Groups in the order of their first samples.
std::vector<Group> find_groups(const Manifest& manifest, const Pairs& same_group) {
  const int count = static_cast<int>(manifest.samples.size());
  Components components(manifest.samples.size());
  std::map<std::string, int> first_of_patient, first_of_lesion;
  for (int i = 0; i < count; ++i) {
    const Sample& sample = manifest.samples[static_cast<std::size_t>(i)];
    if (!sample.patient.empty())
      components.join(i, first_of_patient.emplace(sample.patient, i).first->second);
    if (!sample.lesion.empty()) components.join(i, first_of_lesion.emplace(sample.lesion, i).first->second);
  }
  for (const auto& [a, b] : same_group) {
    require(std::min(a, b) >= 0 && std::max(a, b) < count, "assign_splits: a pair names no sample");
    components.join(a, b);
  }
  std::map<int, Group> by_root;
  for (int i = 0; i < count; ++i) by_root[components.root(i)].push_back(i);
  std::vector<Group> groups;
  for (auto& [root, group] : by_root) groups.push_back(std::move(group));
  return groups;
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

/// Seeded order, then the largest first: small groups come last, where they can fill what is missing.
void order_groups(std::vector<Group>& groups, std::uint64_t seed) {
  RandomSequence random(seed, Stream::data_split, 0);
  for (std::size_t i = groups.size(); i > 1; --i) std::swap(groups[i - 1], groups[random.below(i)]);
  std::ranges::stable_sort(groups, std::ranges::greater(), &Group::size);
}

/// How full each split is of each class, and which split a group should join.
class Apportionment {
 public:
  Apportionment(const Manifest& manifest, const std::vector<Group>& groups, const Fractions& fractions)
      : manifest_(manifest), fractions_(fractions), class_counts_(manifest.classes.size()) {
    for (const Group& group : groups) {
      for (const int sample : group) ++class_counts_[label(sample)];
    }
    assigned_.resize(class_counts_.size());
  }

  /// Sainte-Lague's rule for indivisible groups: per class, the split whose share would be least full with
  /// half of the group added; classes count by the group's samples in them. Ties go to the earlier split.
  Split choose(const Group& group) {
    std::map<std::size_t, double> members;
    for (const int sample : group) ++members[label(sample)];
    std::size_t best = 0;
    double best_fullness = 0;
    bool is_first = true;
    for (std::size_t split = 0; split < fractions_.size(); ++split) {
      if (!(fractions_[split] > 0)) continue;
      double fullness = 0;
      for (const auto& [label, count] : members) {
        const double share = fractions_[split] * class_counts_[label];
        fullness += count * ((2 * assigned_[label][split] + count) / share);
      }
      if (is_first || fullness < best_fullness) {
        best = split;
        best_fullness = fullness;
        is_first = false;
      }
    }
    for (const auto& [label, count] : members) assigned_[label][best] += count;
    return static_cast<Split>(best);
  }

 private:
  [[nodiscard]] std::size_t label(int sample) const {
    return static_cast<std::size_t>(manifest_.samples[static_cast<std::size_t>(sample)].label);
  }

  const Manifest& manifest_;
  Fractions fractions_;
  std::vector<double> class_counts_;  // small integers: exact in double
  std::vector<Fractions> assigned_;
};

void apportion(const Manifest& manifest, std::vector<Group> groups, const Fractions& fractions,
               std::uint64_t seed, std::vector<Split>& splits) {
  order_groups(groups, seed);
  Apportionment apportionment(manifest, groups, fractions);
  for (const Group& group : groups) {
    const Split split = apportionment.choose(group);
    for (const int sample : group) splits[static_cast<std::size_t>(sample)] = split;
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
  apportion(manifest, std::move(train_groups),
            {options.fractions[0] / whole, options.fractions[1] / whole, 0, 0}, options.seed, splits);
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
  if (std::ranges::any_of(manifest.samples, [](const Sample& sample) { return sample.split.has_value(); })) {
    follow_source(manifest, groups, options, splits);
  } else {
    apportion(manifest, groups, options.fractions, options.seed, splits);
  }
  return splits;
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
