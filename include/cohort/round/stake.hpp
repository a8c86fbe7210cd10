// What keeps a member honest between audits: stake, reputation, and how often to look.
//
// Rewards vest: nothing is paid before the window in which an audit can be challenged has closed, and a stake
// is locked as long, so that a fault found late still costs something.
#pragma once

#include <cstdint>
#include <string>

#include "cohort/round/amount.hpp"
#include "cohort/round/verdict.hpp"

namespace cohort::round {

/// A number from 0 to 1 as integers.
struct Fraction {
  std::int64_t numerator = 0, denominator = 1;
};
/// "1/2"; fraction_from_text reads it.
std::string to_text(const Fraction& fraction);

/// Least stake with which cheating does not pay: the smallest K >= 0 with detection · (reward + K) >= cost,
/// that is cost / detection − reward, rounded up.
///
/// `cost` is what a cheat saves, `detection` the probability of finding it. Throws UsageError unless
/// 0 < detection <= 1; Error where the stake exceeds 2^256 - 1.
Amount least_stake(const Amount& cost, const Amount& reward, const Fraction& detection);

/// Where a lost stake goes. Most of it goes to nobody, lest a cheat gain by accusing himself.
struct Slash {
  Amount challenger;  ///< a tenth, rounded down
  Amount auditor;     ///< a tenth, rounded down
  Amount burned;      ///< the rest; or carried over into the next pool
};
/// Ensures that the three parts sum to the stake.
Slash slash(const Amount& stake);

/// A member's reputation: counts audited rounds without a fault.
///
/// Paid and unpaid accepted work adds one; a fault, and accepted work that `does_harm` (a negative Shapley
/// value: it is paid 0, which is no more than useless work is), keeps two thirds, rounded down; being late or
/// a machine's trouble changes nothing. Throws UsageError for a negative score.
std::int64_t next_score(std::int64_t score, Verdict verdict, bool does_harm = false);

/// How often to audit a member: max(least, 1 / (1 + score)). The floor keeps patience from paying: without it
/// a long record would buy unwatched rounds.
///
/// Throws UsageError for a floor below 1/20 or above 1, or a negative score.
Fraction audit_rate(std::int64_t score, const Fraction& least = {1, 20});

}  // namespace cohort::round
