#include "cohort/round/hypothesis.hpp"

#include <gtest/gtest.h>

#include "cohort/core/error.hpp"

namespace cohort::round {
namespace {

constexpr Significance kOnePercent{1, 100, 1};

/// The largest hidden count that refutes the claim; -1 if none does.
std::int64_t critical(const Counts& claim, std::int64_t samples, const Significance& level = kOnePercent) {
  std::int64_t low = -1, high = samples;
  while (low < high) {
    const std::int64_t middle = low + (high - low + 1) / 2;
    if (refutes(claim, {middle, samples}, level))
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

TEST(Refutes, HasTheReferenceCriticalValues) {
  EXPECT_EQ(critical({90, 100}, 10), 5);
  EXPECT_EQ(critical({90, 100}, 100), 81);
  EXPECT_EQ(critical({90, 100}, 500), 433);
  EXPECT_EQ(critical({90, 100}, 1000), 876);
  EXPECT_EQ(critical({95, 100}, 10), 6);
  EXPECT_EQ(critical({95, 100}, 100), 88);
  EXPECT_EQ(critical({95, 100}, 500), 462);
  EXPECT_EQ(critical({95, 100}, 1000), 932);
}

// A fair coin: P[X <= 1 of 10] = 11/1024, P[X <= 0] = 1/1024.
TEST(Refutes, DecidesAtTheBoundaryExactly) {
  EXPECT_TRUE(refutes({1, 2}, {1, 10}, {11, 1024, 1}));
  EXPECT_FALSE(refutes({1, 2}, {1, 10}, {10, 1024, 1}));
  EXPECT_TRUE(refutes({50, 100}, {1, 10}, {22, 1024, 2}));
  EXPECT_FALSE(refutes({50, 100}, {1, 10}, {22, 1024, 3}));
}

TEST(Refutes, GrowsStricterWithEverySubmission) {
  EXPECT_TRUE(refutes({90, 100}, {433, 500}, kOnePercent));
  EXPECT_FALSE(refutes({90, 100}, {433, 500}, {1, 100, 10}));
  EXPECT_LT(critical({90, 100}, 500, {1, 100, 100}), critical({90, 100}, 500, {1, 100, 10}));
}

TEST(Refutes, KnowsTheEnds) {
  EXPECT_FALSE(refutes({100, 100}, {500, 500}, kOnePercent));
  EXPECT_TRUE(refutes({100, 100}, {499, 500}, kOnePercent));
  EXPECT_FALSE(refutes({0, 100}, {0, 500}, kOnePercent));
  EXPECT_FALSE(refutes({0, 100}, {7, 500}, kOnePercent));
}

TEST(Refutes, RefusesImpossibleCounts) {
  EXPECT_THROW(static_cast<void>(refutes({1, 0}, {1, 2}, kOnePercent)), UsageError);
  EXPECT_THROW(static_cast<void>(refutes({3, 2}, {1, 2}, kOnePercent)), UsageError);
  EXPECT_THROW(static_cast<void>(refutes({1, 2}, {-1, 2}, kOnePercent)), UsageError);
  EXPECT_THROW(static_cast<void>(refutes({1, 2}, {1, 2}, {0, 100, 1})), UsageError);
  EXPECT_THROW(static_cast<void>(refutes({1, 2}, {1, 2}, {1, 1, 1})), UsageError);
  EXPECT_THROW(static_cast<void>(refutes({1, 2}, {1, 2}, {1, 100, 0})), UsageError);
}

// Between these billionths lies scipy.stats.hypergeom.cdf(k, n + m, all correct, n).
TEST(RefutesSample, AgreesWithFisher) {
  EXPECT_TRUE(refutes_sample({9, 10}, {5, 10}, {70433437, 1'000'000'000, 1}));
  EXPECT_FALSE(refutes_sample({9, 10}, {5, 10}, {70433436, 1'000'000'000, 1}));
  EXPECT_TRUE(refutes_sample({98, 100}, {450, 500}, {3691481, 1'000'000'000, 1}));
  EXPECT_FALSE(refutes_sample({98, 100}, {450, 500}, {3691480, 1'000'000'000, 1}));
  EXPECT_TRUE(refutes_sample({19, 20}, {400, 500}, {73554873, 1'000'000'000, 1}));
  EXPECT_FALSE(refutes_sample({19, 20}, {400, 500}, {73554872, 1'000'000'000, 1}));
  EXPECT_TRUE(refutes_sample({90, 100}, {430, 500}, {181706425, 1'000'000'000, 1}));
  EXPECT_FALSE(refutes_sample({90, 100}, {430, 500}, {181706424, 1'000'000'000, 1}));
  EXPECT_TRUE(refutes_sample({7, 9}, {30, 71}, {47785018, 1'000'000'000, 1}));
  EXPECT_FALSE(refutes_sample({7, 9}, {30, 71}, {47785017, 1'000'000'000, 1}));
}

// Nine of ten may come from any model near 0.9: ten of ten on ten images says little.
TEST(RefutesSample, ForgivesSmallSamples) {
  EXPECT_TRUE(refutes({10, 10}, {450, 500}, kOnePercent));
  EXPECT_FALSE(refutes_sample({10, 10}, {450, 500}, kOnePercent));
  EXPECT_TRUE(refutes_sample({100, 100}, {450, 500}, kOnePercent));
  EXPECT_TRUE(refutes_sample({10, 10}, {250, 500}, kOnePercent));
}

TEST(RefutesSample, NeverRefutesAHiddenSetThatIsBetter) {
  EXPECT_FALSE(refutes_sample({5, 10}, {500, 500}, kOnePercent));
  EXPECT_FALSE(refutes_sample({0, 10}, {0, 10}, kOnePercent));
  EXPECT_FALSE(refutes_sample({10, 10}, {10, 10}, kOnePercent));
  EXPECT_TRUE(refutes_sample({10, 10}, {0, 10}, kOnePercent));
}

// C(10, 8..10) = 45 + 10 + 1 = 56 of 1024.
TEST(Improves, IsExactAtTheBoundary) {
  EXPECT_TRUE(improves(8, 2, {56, 1024, 1}));
  EXPECT_FALSE(improves(8, 2, {55, 1024, 1}));
  EXPECT_TRUE(improves(10, 0, {1, 1024, 1}));
  EXPECT_FALSE(improves(10, 0, {1, 1025, 1}));
  EXPECT_TRUE(improves(10, 0, {2, 1024, 2}));
  EXPECT_FALSE(improves(10, 0, {2, 1024, 3}));
}

TEST(Improves, NeedsADifference) {
  EXPECT_FALSE(improves(0, 0, kOnePercent));
  EXPECT_FALSE(improves(50, 50, kOnePercent));
  EXPECT_FALSE(improves(2, 30, kOnePercent));
  EXPECT_TRUE(improves(30, 2, kOnePercent));
  EXPECT_THROW(static_cast<void>(improves(-1, 2, kOnePercent)), UsageError);
}

}  // namespace
}  // namespace cohort::round
