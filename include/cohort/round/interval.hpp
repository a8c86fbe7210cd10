// How sure a count is: the one-sided lower bound on an accuracy, in integers.
#pragma once

#include <cstdint>

namespace cohort::round {

/// One, in the unit of lower bounds.
inline constexpr std::int64_t kMillion = 1'000'000;
/// Most samples that lower_bound takes.
inline constexpr std::int64_t kMostSamples = 10'000'000;

/// Wilson's one-sided 95 % lower bound on the accuracy, in millionths, rounded down.
///
/// With S = 10^6 and Z = 2705543 (the squared normal quantile times S): R = ceil(sqrt(ceil((Z²n +
/// 4ZS·k(n−k))/n))); bound = max(0, S·(2kS + Z − R) div (2(nS + Z))). Never falls when `correct` grows.
/// Throws UsageError unless 1 <= samples <= kMostSamples and 0 <= correct <= samples.
/// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
std::int64_t lower_bound(std::int64_t correct, std::int64_t samples);

}  // namespace cohort::round
