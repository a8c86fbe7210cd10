#include "cohort/round/stake.hpp"

#include <limits>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::round {
namespace {

Amount amount_of(std::int64_t value) {
  return {static_cast<std::uint64_t>(value)};
}

}  // namespace

std::string to_text(const Fraction& fraction) {
  return concat(fraction.numerator, "/", fraction.denominator);
}

Amount least_stake(const Amount& cost, const Amount& reward, const Fraction& detection) {
  if (detection.numerator < 1 || detection.denominator < detection.numerator)
    throw UsageError(
        concat("stake: detection probability ", to_text(detection), "; expected above 0 and at most 1"));
  auto [whole, rest] =
      multiply_divide(cost, amount_of(detection.denominator), amount_of(detection.numerator));
  if (!rest.is_zero()) whole += 1;
  return whole > reward ? whole - reward : Amount();
}

Slash slash(const Amount& stake) {
  const Amount tenth = multiply_divide(stake, 1, 10).quotient;
  return {tenth, tenth, stake - tenth - tenth};
}

std::int64_t next_score(std::int64_t score, Verdict verdict, bool does_harm) {
  if (score < 0) throw UsageError(concat("score ", score, "; expected 0 or more"));
  // Two thirds without the product, which could overflow.
  if (is_fault(verdict) || (may_merge(verdict) && does_harm)) return score / 3 * 2 + score % 3 * 2 / 3;
  if (may_merge(verdict)) return score < std::numeric_limits<std::int64_t>::max() ? score + 1 : score;
  return score;
}

Fraction audit_rate(std::int64_t score, const Fraction& least) {
  if (score < 0) throw UsageError(concat("score ", score, "; expected 0 or more"));
  if (least.denominator < 1 || least.denominator > 1'000'000'000 || least.numerator > least.denominator ||
      least.numerator < 1 || least.numerator * 20 < least.denominator)
    throw UsageError(
        concat("audit rate: floor ", to_text(least),
               "; expected at least 1/20, so that no record buys unwatched rounds, and at most 1"));
  // 1 / (1 + score) >= numerator / denominator
  const bool is_above = score < least.denominator / least.numerator;
  return is_above ? Fraction{1, 1 + score} : least;
}

}  // namespace cohort::round
