#include "cohort/round/shapley.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "cohort/core/error.hpp"
#include "cohort/core/philox.hpp"

namespace cohort::round {
namespace {

using Values = std::vector<std::int64_t>;

TEST(Shapley, GivesTheReferenceValues) {
  // none, A, B, AB, C, AC, BC, ABC
  EXPECT_EQ(shapley_values(Values{250, 400, 390, 450, 250, 400, 390, 450}), (Values{630, 570, 0}));
}

// The reason why copies are one player: A's clone lifts A from 52.5 % to 60 %.
TEST(Shapley, WouldRewardAClone) {
  EXPECT_EQ(shapley_values(Values{250, 400, 390, 450}), (Values{210, 190}));
  const Values cloned = shapley_values(Values{250, 400, 400, 400, 390, 450, 450, 450});
  EXPECT_EQ(cloned[0] + cloned[1], 720);
  EXPECT_EQ(cloned[2], 480);
}

TEST(Shapley, KnowsTheEnds) {
  EXPECT_EQ(shapley_values(Values{7}), Values{});
  EXPECT_EQ(shapley_values(Values{7, 3}), Values{-4});
  const Values equal(std::size_t{1} << kMostPlayers, 5);
  EXPECT_EQ(shapley_values(equal), Values(kMostPlayers, 0));
}

TEST(Shapley, SharesTheWholeGainAlsoAtTheLargestUtilities) {
  RandomSequence random(5, Stream::test_inputs, 0);
  std::int64_t factorial = 1;
  for (std::size_t players = 1; players <= kMostPlayers; ++players) {
    factorial *= static_cast<std::int64_t>(players);
    Values utilities(std::size_t{1} << players);
    for (auto& utility : utilities) utility = static_cast<std::int64_t>(random.below((1ULL << 32) + 1));
    const Values values = shapley_values(utilities);
    EXPECT_EQ(std::accumulate(values.begin(), values.end(), std::int64_t{0}),
              factorial * (utilities.back() - utilities.front()));
  }
}

TEST(Shapley, RefusesOtherTables) {
  EXPECT_THROW(static_cast<void>(shapley_values(Values{})), UsageError);
  EXPECT_THROW(static_cast<void>(shapley_values(Values{1, 2, 3})), UsageError);
  EXPECT_THROW(static_cast<void>(shapley_values(Values(std::size_t{1} << 13, 0))), UsageError);
  EXPECT_THROW(static_cast<void>(shapley_values(Values{0, -1})), UsageError);
  EXPECT_THROW(static_cast<void>(shapley_values(Values{0, (std::int64_t{1} << 32) + 1})), UsageError);
}

}  // namespace
}  // namespace cohort::round
