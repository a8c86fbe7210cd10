// What each contributor adds, averaged over every order in which they could have joined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cohort::round {

/// 2^12 coalitions are evaluated at most.
inline constexpr std::size_t kMostPlayers = 12;

/// Exact Shapley values times N!: Φ_i = Σ over S without i of |S|!·(N−|S|−1)!·(v(S ∪ i) − v(S)).
///
/// Requires    `utilities` has 2^N entries, 0 <= N <= kMostPlayers; entry m is the utility of the players
///             whose bits are set in m, from 0 to 2^32 (correct counts).
/// Ensures     Σ Φ_i = N!·(v(all) − v(none)). May be negative.
/// Throws      UsageError for any other number of entries or a utility out of range.
/// Copies of one model must be one player: the rule rewards replication (see rewards).
/// Source      L. S. Shapley, "A value for n-person games", 1953.
std::vector<std::int64_t> shapley_values(std::span<const std::int64_t> utilities);

}  // namespace cohort::round
