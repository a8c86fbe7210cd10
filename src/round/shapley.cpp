#include "cohort/round/shapley.hpp"

#include <array>
#include <bit>
#include <numeric>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::round {
namespace {

// 12! · 2^32 < 2^61: the sums fit.
constexpr std::int64_t kMostUtility = std::int64_t{1} << 32;

constexpr std::array<std::int64_t, kMostPlayers + 1> factorials() {
  std::array<std::int64_t, kMostPlayers + 1> values{1};
  for (std::size_t n = 1; n < values.size(); ++n) values[n] = values[n - 1] * static_cast<std::int64_t>(n);
  return values;
}

}  // namespace

std::vector<std::int64_t> shapley_values(std::span<const std::int64_t> utilities) {
  constexpr auto factorial = factorials();
  if (!std::has_single_bit(utilities.size()) || utilities.size() > std::size_t{1} << kMostPlayers)
    throw UsageError(
        concat("Shapley: ", utilities.size(), " utilities; expected 2^N of N <= ", kMostPlayers, " players"));
  for (const std::int64_t utility : utilities)
    if (utility < 0 || utility > kMostUtility)
      throw UsageError(concat("Shapley: utility ", utility, "; expected 0 to 2^32"));
  const auto players = static_cast<std::size_t>(std::countr_zero(utilities.size()));
  std::vector<std::int64_t> values(players, 0);
  for (std::size_t coalition = 0; coalition < utilities.size(); ++coalition) {
    const auto size = static_cast<std::size_t>(std::popcount(coalition));
    for (std::size_t player = 0; player < players; ++player) {
      const std::size_t joined_by = coalition | std::size_t{1} << player;
      if (joined_by == coalition) continue;
      values[player] +=
          factorial[size] * factorial[players - size - 1] * (utilities[joined_by] - utilities[coalition]);
    }
  }
  require(std::accumulate(values.begin(), values.end(), std::int64_t{0}) ==
              factorial[players] * (utilities.back() - utilities.front()),
          "Shapley: the values do not sum to what all together gained");
  return values;
}

}  // namespace cohort::round
