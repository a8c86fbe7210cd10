// Sharing a pool by weights so that nothing is lost and nothing made.
#pragma once

#include <span>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/identity/keys.hpp"
#include "cohort/round/amount.hpp"

namespace cohort::round {

/// Who goes first among equal remainders: SHA-256(round digest ‖ key), which nobody can choose before the
/// round.
Digest tie_break(const Digest& round, const identity::PublicKey& key);

/// One who shares.
struct Claimant {
  Amount weight;
  Digest tie{};  ///< tie_break(…); differs between claimants
};

/// Largest remainders (Hamilton): ⌊pool·w/W⌋ each, and one unit more to the largest remainders until the pool
/// is spent; equal remainders by the smaller tie.
///
/// Ensures     the shares, in the order of the claimants, sum to the pool exactly; a claimant's share does
///             not depend on the others' order; a weight of 0 gets 0.
/// Throws      Error if all weights are 0 or their sum exceeds 2^256 - 1.
/// Not monotone in the pool (Alabama's paradox): compute once, for the final pool.
/// Cost        O(n log n) at worst, about a microsecond each.
std::vector<Amount> apportion(const Amount& pool, std::span<const Claimant> claimants);

}  // namespace cohort::round
