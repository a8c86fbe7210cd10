#include "cohort/round/stake.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "cohort/core/error.hpp"

namespace cohort::round {
namespace {

TEST(LeastStake, GivesTheReferenceValues) {
  const Amount cost = 1000, reward = 1200;
  EXPECT_EQ(least_stake(cost, reward, {1, 10}), Amount(8800));
  EXPECT_EQ(least_stake(cost, reward, {1, 4}), Amount(2800));
  EXPECT_EQ(least_stake(cost, reward, {1, 2}), Amount(800));
  EXPECT_EQ(least_stake(cost, reward, {9, 10}), Amount(0));
}

TEST(LeastStake, IsTheSmallestThatHolds) {
  for (std::uint64_t cost = 0; cost < 30; ++cost)
    for (std::int64_t part = 1; part <= 7; ++part) {
      const Amount stake = least_stake(cost, 5, {part, 7});
      const auto pays = [&](const Amount& k) {
        return Amount(static_cast<std::uint64_t>(part)) * (k + Amount(5)) < Amount(7 * cost);
      };
      EXPECT_FALSE(pays(stake)) << cost << " " << part;
      if (!stake.is_zero()) {
        EXPECT_TRUE(pays(stake - Amount(1))) << cost << " " << part;
      }
    }
}

TEST(LeastStake, RefusesWhatIsNoProbability) {
  EXPECT_THROW(static_cast<void>(least_stake(1, 1, {0, 1})), UsageError);
  EXPECT_THROW(static_cast<void>(least_stake(1, 1, {2, 1})), UsageError);
  EXPECT_THROW(static_cast<void>(least_stake(1, 1, {-1, -1})), UsageError);
  EXPECT_THROW(static_cast<void>(least_stake(Amount::largest(), 1, {1, 2})), Error);
}

TEST(Slash, LosesNothing) {
  for (const Amount& stake : {Amount(0), Amount(9), Amount(10), Amount(1005), Amount::largest()}) {
    const Slash parts = slash(stake);
    EXPECT_EQ(parts.challenger + parts.auditor + parts.burned, stake);
    EXPECT_EQ(parts.challenger, parts.auditor);
  }
  EXPECT_EQ(slash(1005).challenger, Amount(100));
  EXPECT_EQ(slash(1005).burned, Amount(805));
}

TEST(Score, RisesByOneAndFallsToTwoThirds) {
  EXPECT_EQ(next_score(0, Verdict::ok), 1);
  EXPECT_EQ(next_score(4, Verdict::ok_unproven), 5);
  EXPECT_EQ(next_score(4, Verdict::baseline), 5);
  EXPECT_EQ(next_score(9, Verdict::claim), 6);
  EXPECT_EQ(next_score(8, Verdict::chain), 5);
  EXPECT_EQ(next_score(7, Verdict::duplicate), 4);
  EXPECT_EQ(next_score(1, Verdict::claim), 0);
  EXPECT_EQ(next_score(9, Verdict::late), 9);
  EXPECT_EQ(next_score(9, Verdict::transient), 9);
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(next_score(most, Verdict::ok), most);
  EXPECT_EQ(next_score(most, Verdict::claim), most / 3 * 2);
  EXPECT_THROW(static_cast<void>(next_score(-1, Verdict::ok)), UsageError);
}

TEST(Score, FallsForAcceptedWorkThatDoesHarm) {
  EXPECT_EQ(next_score(9, Verdict::ok, true), 6);
  EXPECT_EQ(next_score(9, Verdict::baseline, true), 6);
  EXPECT_EQ(next_score(9, Verdict::claim, true), 6) << "once, not twice";
  EXPECT_EQ(next_score(9, Verdict::late, true), 9);
}

TEST(AuditRate, FallsWithTheScoreDownToTheFloor) {
  const auto rate = [](std::int64_t score) {
    const Fraction value = audit_rate(score);
    return std::pair(value.numerator, value.denominator);
  };
  EXPECT_EQ(rate(0), std::pair(std::int64_t{1}, std::int64_t{1}));
  EXPECT_EQ(rate(1), std::pair(std::int64_t{1}, std::int64_t{2}));
  EXPECT_EQ(rate(18), std::pair(std::int64_t{1}, std::int64_t{19}));
  EXPECT_EQ(rate(19), std::pair(std::int64_t{1}, std::int64_t{20}));
  EXPECT_EQ(rate(20), std::pair(std::int64_t{1}, std::int64_t{20}));
  EXPECT_EQ(rate(std::numeric_limits<std::int64_t>::max()), std::pair(std::int64_t{1}, std::int64_t{20}));
  // 2/7 lies between 1/3 and 1/4.
  EXPECT_EQ(audit_rate(2, {2, 7}).denominator, 3);
  EXPECT_EQ(audit_rate(3, {2, 7}).denominator, 7);
}

TEST(AuditRate, RefusesAFloorThatLetsCheatsSleep) {
  EXPECT_THROW(static_cast<void>(audit_rate(5, {49, 1000})), UsageError);
  EXPECT_THROW(static_cast<void>(audit_rate(5, {0, 1})), UsageError);
  EXPECT_THROW(static_cast<void>(audit_rate(5, {3, 2})), UsageError);
  EXPECT_THROW(static_cast<void>(audit_rate(-1)), UsageError);
  EXPECT_EQ(audit_rate(1000, {1, 1}).numerator, 1);
}

}  // namespace
}  // namespace cohort::round
