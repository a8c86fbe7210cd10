#include "cohort/explore/halving.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace cohort::explore {
namespace {

using Ids = std::vector<std::int64_t>;

std::vector<Trial> trials(const std::vector<std::int64_t>& scores) {
  std::vector<Trial> all;
  for (const std::int64_t score : scores) {
    Trial trial;
    trial.candidate = static_cast<std::int64_t>(all.size());
    trial.score = score;
    all.push_back(trial);
  }
  return all;
}

TEST(Halving, KeepsTheBestThirdAtARung) {
  const HalvingOptions options{true, 1, 3};
  EXPECT_EQ(halted_after(1, trials({5, 9, 1, 7, 3, 8}), options), (Ids{0, 2, 3, 4}));
  EXPECT_EQ(halted_after(2, trials({5, 9}), options), Ids{});
  EXPECT_EQ(halted_after(3, trials({5, 9}), options), Ids{0});
}

TEST(Halving, DoesNotDependOnTheOrderOfArrival) {
  const HalvingOptions options{true, 2, 2};
  std::vector<Trial> table = trials({4, 4, 6, 2, 4});
  const Ids expected = halted_after(2, table, options);
  EXPECT_EQ(expected, (Ids{3, 4}));  // equal scores: the lower id goes on
  std::sort(table.begin(), table.end(),
            [](const Trial& a, const Trial& b) { return a.candidate > b.candidate; });
  EXPECT_EQ(halted_after(2, table, options), expected);
}

TEST(Halving, FailedTrialsAreWorseThanAnyScore) {
  std::vector<Trial> table = trials({0, 100, 1});
  table[1].failed = true;
  EXPECT_EQ(halted_after(1, table, {true, 1, 3}), (Ids{0, 1}));
}

TEST(Halving, OffMeansNobodyStops) {
  EXPECT_EQ(halted_after(1, trials({1, 2, 3}), {}), Ids{});
}

TEST(Halving, RefusesAFactorThatCannotHalve) {
  EXPECT_THROW(halted_after(1, trials({1}), {true, 1, 1}), std::exception);
  EXPECT_THROW(halted_after(1, trials({1}), {true, 0, 2}), std::exception);
}

}  // namespace
}  // namespace cohort::explore
