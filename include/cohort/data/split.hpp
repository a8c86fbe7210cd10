// Which samples train, validate, test and stay hidden: whole groups (patient, then lesion) only, stratified
// by label.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cohort/data/manifest.hpp"

namespace cohort::data {

/// How large each split shall be, and the seed of the order in which groups are placed.
struct SplitOptions {
  std::array<double, kSplits> fractions{0.70, 0.10, 0.15, 0.05};  ///< train, validation, test, hidden; sum 1
  std::uint64_t seed = 0;
};

/// How many samples, classes and groups each split has, and what is shared between splits (must be 0).
struct LeakReport {
  std::int64_t patients = 0, lesions = 0, groups = 0;
  std::int64_t shared_patients = 0, shared_lesions = 0;
  std::int64_t shared_pixels = 0;                               ///< pairs of identical images across splits
  std::vector<std::array<std::int64_t, kSplits>> class_counts;  ///< [class][split]
};

/// Assigns every sample. Groups are connected components over patient, lesion and `same_group` pairs
/// (identical images); samples with a given split keep it, together with their group (a group with two given
/// splits is an error). Where the source gives any split, groups without one train, and if no sample is given
/// to validation, the fraction validation/(train+validation) of the train groups goes there.
///
/// Depends on (manifest, seed) alone: groups come in seeded order, largest first, and each goes where its
/// classes are furthest from their share (docs/formats.md, "Splits").
///
/// Throws UsageError for fractions that are negative or do not sum to 1; DataError for groups with two
/// splits.
std::vector<Split> assign_splits(const Manifest& manifest, const std::vector<std::pair<int, int>>& same_group,
                                 const SplitOptions& options);

/// The splits whose fractions are without effect, as the source says itself which samples they have.
std::vector<Split> given_splits(const Manifest& manifest);

/// Counts what `splits` gives to each split and what they share.
LeakReport leak_report(const Manifest& manifest, const std::vector<Split>& splits,
                       const std::vector<std::pair<int, int>>& same_group);

}  // namespace cohort::data
