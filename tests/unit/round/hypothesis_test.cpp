#include "cohort/round/hypothesis.hpp"

#include <gtest/gtest.h>

#include "cohort/core/error.hpp"

namespace cohort::round {
namespace {

constexpr Significance kOnePercent{1, 100, 1};

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

TEST(RefutesSample, GrowsStricterWithEverySubmission) {
  EXPECT_FALSE(refutes_sample({98, 100}, {450, 500}, {3691481, 1'000'000'000, 2}));
  EXPECT_TRUE(refutes_sample({98, 100}, {450, 500}, {7382962, 1'000'000'000, 2}));
  EXPECT_FALSE(refutes_sample({98, 100}, {450, 500}, {7382960, 1'000'000'000, 2}));
}

// Nine of ten may come from any model near 0.9: ten of ten on ten images says little.
TEST(RefutesSample, ForgivesSmallSamples) {
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

TEST(RefutesSample, RefusesImpossibleCounts) {
  const auto refuses = [](const Counts& claim, const Counts& hidden, const Significance& level) {
    EXPECT_THROW(static_cast<void>(refutes_sample(claim, hidden, level)), UsageError);
  };
  refuses({1, 0}, {1, 2}, kOnePercent);
  refuses({3, 2}, {1, 2}, kOnePercent);
  refuses({1, 2}, {-1, 2}, kOnePercent);
  refuses({1, 2}, {1, kMostHiddenImages + 1}, kOnePercent);
  refuses({1, 2}, {1, 2}, {0, 100, 1});
  refuses({1, 2}, {1, 2}, {1, 1, 1});
  refuses({1, 2}, {1, 2}, {1, 100, 0});
}

}  // namespace
}  // namespace cohort::round
