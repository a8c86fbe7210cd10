#include "data/quarantine.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "cohort/core/text.hpp"
#include "data/problems.hpp"

namespace cohort::data {
namespace {

/// The problem without "read image <file>: " in front, since the file stands beside it.
std::string reason_of(const Sample& sample, const std::string& problem) {
  const std::string prefix = concat("read image ", sample.file.string(), ": ");
  return problem.starts_with(prefix) ? problem.substr(prefix.size()) : problem;
}

/// Marks unreadable images, or refuses them all at once.
void set_unreadable_aside(const Manifest& manifest, const std::vector<DecodedImage>& decoded,
                          BrokenFiles broken, std::vector<std::string>& reasons) {
  Problems problems("import: unreadable images", std::numeric_limits<std::size_t>::max());
  for (std::size_t i = 0; i < decoded.size(); ++i) {
    if (decoded[i].problem.empty()) continue;
    const Sample& sample = manifest.samples[i];
    reasons[i] = reason_of(sample, decoded[i].problem);
    problems.add(concat(sample.file.string(), ": ", reasons[i]));
  }
  if (broken == BrokenFiles::refuse) {
    problems.throw_if_any(
        "nothing was written; mend or remove them, or set them aside with --broken quarantine");
  }
}

/// Samples with equal pixels, in sets of two or more, by first sample.
std::vector<std::vector<std::size_t>> equal_sets(const std::vector<DecodedImage>& decoded) {
  std::map<Digest, std::vector<std::size_t>> by_pixels;
  for (std::size_t i = 0; i < decoded.size(); ++i) {
    if (decoded[i].problem.empty()) by_pixels[decoded[i].pixel_digest].push_back(i);
  }
  std::vector<std::vector<std::size_t>> sets;
  for (auto& [digest, members] : by_pixels) {
    if (members.size() > 1) sets.push_back(std::move(members));
  }
  std::ranges::sort(sets);
  return sets;
}

void set_contradictions_aside(const Manifest& manifest, const std::vector<std::vector<std::size_t>>& sets,
                              std::vector<std::string>& reasons, ImportReport& report) {
  for (const auto& set : sets) {
    const Sample& first = manifest.samples[set[0]];
    const auto label_of = [&](std::size_t member) { return manifest.samples[member].label; };
    const bool agree = std::ranges::all_of(set, [&](std::size_t i) { return label_of(i) == first.label; });
    for (const std::size_t member : set) {
      const Sample& sample = manifest.samples[member];
      const Sample& other = member == set[0] ? manifest.samples[set[1]] : first;
      if (member != set[0]) report.identical.emplace_back(first.id, sample.id);
      if (!agree) reasons[member] = concat("same pixels as ", other.id, ", but not all labels agree");
    }
  }
}

/// Equal images that both remain must stay in one split.
std::vector<std::pair<int, int>> pairs_that_remain(const std::vector<std::vector<std::size_t>>& sets,
                                                   const std::vector<int>& new_position) {
  std::vector<std::pair<int, int>> pairs;
  for (const auto& set : sets) {
    for (std::size_t k = 1; k < set.size(); ++k) {
      if (new_position[set[k]] >= 0) pairs.emplace_back(new_position[set[0]], new_position[set[k]]);
    }
  }
  return pairs;
}

void check_classes(const Manifest& manifest) {
  Problems problems("import");
  std::vector<std::int64_t> counts(manifest.classes.size());
  for (const Sample& sample : manifest.samples) ++counts[static_cast<std::size_t>(sample.label)];
  for (std::size_t k = 0; k < counts.size(); ++k) {
    if (counts[k] == 0) problems.add(concat("no usable image is left of class '", manifest.classes[k], "'"));
  }
  problems.throw_if_any(
      "all of them are unreadable or contradict others; --broken refuse lists the unreadable ones");
}

}  // namespace

UsableSamples take_usable(Manifest manifest, std::vector<DecodedImage> decoded, BrokenFiles broken,
                          ImportReport& report) {
  std::vector<std::string> reasons(decoded.size());
  set_unreadable_aside(manifest, decoded, broken, reasons);
  const auto sets = equal_sets(decoded);
  set_contradictions_aside(manifest, sets, reasons, report);

  UsableSamples usable;
  std::vector<Sample> kept;
  std::vector<int> new_position(decoded.size(), -1);
  for (std::size_t i = 0; i < decoded.size(); ++i) {
    if (!reasons[i].empty()) {
      report.quarantined.push_back({manifest.samples[i].file, reasons[i]});
      continue;
    }
    new_position[i] = static_cast<int>(kept.size());
    usable.slots.push_back(i);
    kept.push_back(std::move(manifest.samples[i]));
    usable.decoded.push_back(std::move(decoded[i]));
  }
  manifest.samples = std::move(kept);
  usable.manifest = std::move(manifest);
  usable.identical = pairs_that_remain(sets, new_position);
  check_classes(usable.manifest);
  return usable;
}

}  // namespace cohort::data
