#include "cohort/round/hypothesis.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <string_view>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::round {
namespace {

using Integer = boost::multiprecision::cpp_int;

constexpr std::int64_t kMostClaimed = 10'000'000;
constexpr std::int64_t kMostSubmissions = 1'000'000'000;

void check(std::string_view what, const Counts& counts, std::int64_t most) {
  if (counts.samples < 1 || counts.samples > most || counts.correct < 0 || counts.correct > counts.samples)
    throw UsageError(concat("exact test: ", what, " ", counts.correct, " of ", counts.samples,
                            "; expected 0 to n of 1 to ", most));
}

void check(const Significance& level) {
  if (level.numerator < 1 || level.numerator >= level.denominator || level.submissions < 1 ||
      level.submissions > kMostSubmissions)
    throw UsageError(concat("exact test: level ", level.numerator, "/", level.denominator, " over ",
                            level.submissions,
                            " submissions; expected a fraction between 0 and 1, at least one"));
}

/// part / whole <= level.
bool is_at_most(const Integer& part, const Integer& whole, const Significance& level) {
  return part * level.denominator * level.submissions <= whole * level.numerator;
}

Integer choose(std::int64_t n, std::int64_t k) {
  Integer result = 1;
  for (std::int64_t j = 1; j <= std::min(k, n - k); ++j) result = result * (n - j + 1) / j;
  return result;
}

}  // namespace

bool refutes_sample(const Counts& claim, const Counts& hidden, const Significance& level) {
  check("claim", claim, kMostClaimed);
  check("hidden", hidden, kMostHiddenImages);
  check(level);
  // Of all n + m images, those with mistakes: the rarer kind keeps the numbers small. X <= correct is the
  // same as at least hidden.samples − correct of the mistakes falling into the hidden set.
  const std::int64_t n = hidden.samples, m = claim.samples;
  const std::int64_t mistakes = n - hidden.correct + m - claim.correct;
  const std::int64_t most = std::min(mistakes, n);
  const std::int64_t least = n - hidden.correct;
  // term(j) = C(n, j) · C(m, mistakes − j)
  Integer term = choose(n, least) * choose(m, mistakes - least);
  Integer sum = term;
  for (std::int64_t j = least + 1; j <= most; ++j) {
    term = term * (n - j + 1) / j * (mistakes - j + 1) / (m - mistakes + j);
    sum += term;
  }
  return is_at_most(sum, choose(n + m, mistakes), level);
}

}  // namespace cohort::round
