// Exact tests on integer counts: no floating point, so every auditor decides alike.
#pragma once

#include <cstdint>

namespace cohort::round {

/// How often an honest member may be refused: numerator / denominator, divided by the number of submissions
/// of the round, so that the level holds for the round as a whole (Bonferroni).
struct Significance {
  std::int64_t numerator = 1, denominator = 100;
  std::int64_t submissions = 1;
};

/// Most hidden images that an exact test takes.
inline constexpr std::int64_t kMostHiddenImages = 100'000;

/// So many of so many.
struct Counts {
  std::int64_t correct = 0, samples = 0;
};

/// Whether the hidden set's accuracy is lower than the claimed sample's beyond what both samples' errors
/// explain (Fisher's exact test, one-sided): P[X <= hidden.correct] <= level, where X counts the correct
/// answers that fall into the hidden set when all claim.correct + hidden.correct of them are dealt at random
/// over both sets.
///
/// A claim counted on few images has a large error of its own, which this allows for. Throws UsageError for
/// impossible counts, more than 10^5 hidden or 10^7 claimed samples, or a level outside (0, 1). Cost: as many
/// steps as hidden.samples at most, on integers of hidden.samples · log2(claim.samples) bits.
bool refutes_sample(const Counts& claim, const Counts& hidden, const Significance& level);

}  // namespace cohort::round
