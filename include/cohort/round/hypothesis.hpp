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

/// Whether the hidden set refutes the claim as a statement about the model's accuracy:
/// P[X <= hidden.correct] <= level for X binomial with hidden.samples draws at the claimed ratio.
///
/// It takes the claimed ratio as exact; a claim counted on few images is refuted by its own sampling error.
/// Use refutes_sample for those. Throws UsageError for impossible counts, more than 10^5 hidden or 10^7
/// claimed samples, or a level outside (0, 1). Cost: hidden.correct steps on integers of hidden.samples ·
/// log2(claim.samples) bits.
bool refutes(const Counts& claim, const Counts& hidden, const Significance& level);

/// Whether the hidden set's accuracy is lower than the claimed sample's beyond what both samples' errors
/// explain (Fisher's exact test, one-sided): P[X <= hidden.correct] <= level, where X counts the correct
/// answers that fall into the hidden set when all claim.correct + hidden.correct of them are dealt at random
/// over both sets.
///
/// Throws as `refutes`; cost alike.
bool refutes_sample(const Counts& claim, const Counts& hidden, const Significance& level);

/// Whether a model beats the incumbent on the same images (McNemar's exact test, one-sided), where
/// `newly_right` and `newly_wrong` count the images on which the two differ: sum over j >= newly_right of
/// C(newly_right + newly_wrong, j) <= level · 2^(newly_right + newly_wrong).
///
/// Throws UsageError for negative counts or more than 10^5 together.
bool improves(std::int64_t newly_right, std::int64_t newly_wrong, const Significance& level);

}  // namespace cohort::round
