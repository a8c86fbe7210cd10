#include "cohort/round/interval.hpp"

#include <gtest/gtest.h>

#include "cohort/core/error.hpp"

namespace cohort::round {
namespace {

TEST(LowerBound, GivesTheReferenceValues) {
  EXPECT_EQ(lower_bound(10, 10), 787058);
  EXPECT_EQ(lower_bound(9, 10), 652281);
  EXPECT_EQ(lower_bound(8, 10), 540792);
  EXPECT_EQ(lower_bound(5, 10), 269271);
  EXPECT_EQ(lower_bound(90, 100), 839644);
  EXPECT_EQ(lower_bound(450, 500), 875733);
  EXPECT_EQ(lower_bound(900, 1000), 883299);
  EXPECT_EQ(lower_bound(4500, 5000), 892803);
}

TEST(LowerBound, NeverFallsWhenMoreIsCorrect) {
  for (const std::int64_t samples : {1, 2, 10, 399, 500, 2000})
    for (std::int64_t correct = 1; correct <= samples; ++correct)
      EXPECT_GE(lower_bound(correct, samples), lower_bound(correct - 1, samples))
          << correct << " of " << samples;
}

TEST(LowerBound, StaysBelowTheAccuracyAndApproachesIt) {
  EXPECT_EQ(lower_bound(0, 1), 0);
  EXPECT_EQ(lower_bound(0, kMostSamples), 0);
  EXPECT_LT(lower_bound(1, 1), kMillion);
  EXPECT_LT(lower_bound(kMostSamples, kMostSamples), kMillion);
  EXPECT_GT(lower_bound(kMostSamples / 2, kMostSamples), 499'700);
  EXPECT_LT(lower_bound(kMostSamples / 2, kMostSamples), 500'000);
}

TEST(LowerBound, RefusesImpossibleCounts) {
  EXPECT_THROW(static_cast<void>(lower_bound(0, 0)), UsageError);
  EXPECT_THROW(static_cast<void>(lower_bound(-1, 10)), UsageError);
  EXPECT_THROW(static_cast<void>(lower_bound(11, 10)), UsageError);
  EXPECT_THROW(static_cast<void>(lower_bound(1, kMostSamples + 1)), UsageError);
}

}  // namespace
}  // namespace cohort::round
