#include "data/selection.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "cohort/core/digest.hpp"
#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "data/problems.hpp"

namespace cohort::data {
namespace {

/// The former label of each class that stays.
std::vector<int> chosen_labels(const Manifest& manifest, const std::vector<std::string>& wanted) {
  for (const std::string& name : wanted)
    if (std::ranges::find(manifest.classes, name) == manifest.classes.end())
      throw UsageError(concat("import: there is no class '", name, "'", did_you_mean(name, manifest.classes),
                              "; the source has ", joined(manifest.classes, ", ")));
  std::vector<int> labels;
  for (std::size_t i = 0; i < manifest.classes.size(); ++i)
    if (wanted.empty() || std::ranges::find(wanted, manifest.classes[i]) != wanted.end())
      labels.push_back(static_cast<int>(i));
  if (!wanted.empty() && labels.size() < 2)
    throw UsageError("import: one class alone has nothing to be told from; choose two or more");
  return labels;
}

void keep_classes(Manifest& manifest, const std::vector<int>& labels) {
  std::map<int, int> new_label;
  std::vector<std::string> classes, words;
  for (const int label : labels) {
    new_label.emplace(label, static_cast<int>(classes.size()));
    classes.push_back(manifest.classes[static_cast<std::size_t>(label)]);
    if (!manifest.class_words.empty()) words.push_back(manifest.class_words[static_cast<std::size_t>(label)]);
  }
  std::erase_if(manifest.samples, [&](const Sample& sample) { return !new_label.contains(sample.label); });
  for (Sample& sample : manifest.samples) sample.label = new_label.at(sample.label);
  manifest.classes = std::move(classes);
  manifest.class_words = std::move(words);
}

/// A lesion's place in the order of the draw; lesions and lone images never share one.
Digest place_of(const Sample& sample, std::uint64_t seed) {
  return tagged_sha256("cohort/selection/v1")
      .update_u64(seed)
      .update(sample.lesion.empty() ? "image " : "lesion ")
      .update(sample.lesion.empty() ? sample.id : sample.lesion)
      .finish();
}

using Groups = std::map<std::pair<int, Digest>, std::int64_t>;  ///< samples by label and place

/// A class has a sample left if its smallest group is within the limit: the first such group in order is
/// taken. Larger groups are lesions, for an image without one counts alone.
void check_classes(const Manifest& manifest, const Groups& groups,
                   const std::vector<Groups::key_type>& group_of, std::int64_t most) {
  // By size, then by name, so that the order of the samples decides nothing.
  using Lesion = std::pair<std::int64_t, std::string>;
  std::map<int, Lesion> smallest;
  for (std::size_t i = 0; i < group_of.size(); ++i) {
    const Lesion lesion{groups.at(group_of[i]), manifest.samples[i].lesion};
    Lesion& least = smallest.try_emplace(group_of[i].first, lesion).first->second;
    least = std::min(least, lesion);
  }
  Problems problems("import");
  for (const auto& [label, lesion] : smallest) {
    if (lesion.first <= most) continue;
    problems.add(concat("class '", manifest.classes[static_cast<std::size_t>(label)],
                        "' would be left without an image: lesions are taken whole, and its smallest one, ",
                        lesion.second, ", has ", lesion.first, " images, more than the ", most,
                        " of a class"));
  }
  problems.throw_if_any(
      "take more of each class with --most-per-class, or leave the class out with --classes");
}

void keep_most(Manifest& manifest, std::int64_t most, std::uint64_t seed) {
  Groups groups;
  std::vector<Groups::key_type> group_of;
  for (const Sample& sample : manifest.samples) {
    group_of.emplace_back(sample.label, place_of(sample, seed));
    ++groups[group_of.back()];
  }
  check_classes(manifest, groups, group_of, most);
  std::vector<std::int64_t> taken(manifest.classes.size(), 0);
  for (auto& [group, count] : groups) {
    std::int64_t& of_class = taken[static_cast<std::size_t>(group.first)];
    if (of_class + count > most)
      count = 0;
    else
      of_class += count;
  }
  std::size_t i = 0;
  std::erase_if(manifest.samples, [&](const Sample&) { return groups.at(group_of[i++]) == 0; });
}

}  // namespace

void select_samples(Manifest& manifest, const Selection& selection, std::uint64_t seed) {
  if (!selection.classes.empty()) keep_classes(manifest, chosen_labels(manifest, selection.classes));
  if (selection.most_per_class > 0) keep_most(manifest, selection.most_per_class, seed);
}

}  // namespace cohort::data
