#include "cohort/round/reward.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/round/interval.hpp"
#include "unit/round/audited_round.hpp"

namespace cohort::round {
namespace {

TEST(Rewards, WeighByTheLowerBoundAboveTheBaseline) {
  const Rewards rewards = compute_rewards(audited_round(), 1'000'000, by(RewardRule::lower_bound));
  auto weight = weights(rewards);
  const auto gain = [](std::int64_t correct) {
    return Amount(static_cast<std::uint64_t>(lower_bound(correct, 500) - lower_bound(400, 500)));
  };
  EXPECT_EQ(weight["device-01"], gain(450) * Amount(2));  // the rate of 1/2 as 2 to 1
  EXPECT_EQ(weight["device-02"], gain(430) * Amount(2));
  EXPECT_EQ(weight["device-03"], gain(430));
  EXPECT_EQ(weight["device-04"], Amount());
  EXPECT_EQ(weight["device-05"], Amount());
  EXPECT_EQ(total(rewards), Amount(1'000'000));
  EXPECT_EQ(rewards.paid, Amount(1'000'000));
  EXPECT_EQ(rewards.baseline, 400);
  EXPECT_EQ(rewards.audit, audit_digest(audited_round()));
  weight = weights(compute_rewards(audited_round(), 1'000'000, by(RewardRule::lower_bound, 2)));
  EXPECT_EQ(weight["device-02"], gain(430) * gain(430) * Amount(2));
}

TEST(Rewards, WeighByCountsAndByRank) {
  auto weight = weights(compute_rewards(audited_round(), 10, by(RewardRule::plain)));
  EXPECT_EQ(weight["device-01"], Amount(100));
  EXPECT_EQ(weight["device-02"], Amount(60));
  EXPECT_EQ(weight["device-03"], Amount(30));
  weight = weights(compute_rewards(audited_round(), 10, by(RewardRule::rank)));
  EXPECT_EQ(weight["device-01"], Amount(6));
  EXPECT_EQ(weight["device-02"], Amount(2));
  EXPECT_EQ(weight["device-03"], Amount(1));
}

TEST(Rewards, PayTheUnprovenAtTheStatedRate) {
  RewardOptions options = by(RewardRule::plain);
  options.unproven_rate = {1, 3};
  auto amount = amounts(compute_rewards(audited_round(), 540, options));  // 100·3 : 30·3 : 30
  EXPECT_EQ(amount["device-02"], amount["device-03"] * Amount(3));
  options.unproven_rate = {0, 1};
  EXPECT_EQ(amounts(compute_rewards(audited_round(), 540, options))["device-03"], Amount());
}

TEST(Rewards, CompareWithTheLargerBaseline) {
  AuditRecord record = audited_round();
  record.hidden.majority_correct = 440;
  const Rewards rewards = compute_rewards(record, 10, by(RewardRule::plain));
  EXPECT_EQ(rewards.baseline, 440);
  EXPECT_EQ(amounts(rewards)["device-01"], Amount(10));
}

TEST(Rewards, ArePaidForGoodVerdictsAlone) {
  for (int verdict = 0; verdict < static_cast<int>(Verdict::transient); ++verdict)
    for (const RewardRule rule : kCountRules) {
      AuditRecord record = audited_round();
      record.entries[1].verdict = static_cast<Verdict>(verdict);
      const bool is_paid = may_be_paid(record.entries[1].verdict);
      EXPECT_EQ(amounts(compute_rewards(record, 1000, by(rule)))["device-02"].is_zero(), !is_paid)
          << name_of(record.entries[1].verdict);
    }
}

TEST(Rewards, SpendTheLargestPoolToTheLastUnit) {
  for (const RewardRule rule : kCountRules)
    for (const int gamma : {1, 2})
      for (const Amount& pool : {Amount(1), Amount(7), Amount::largest(), Amount::largest() - Amount(12345)})
        EXPECT_EQ(total(compute_rewards(audited_round(), pool, by(rule, gamma))), pool);
}

/// Many members with random counts and verdicts.
AuditRecord random_round(RandomSequence& random) {
  AuditRecord record = audited_round();
  record.entries.clear();
  const auto count = static_cast<int>(2 + random.below(20));
  for (int i = 0; i < count; ++i)
    record.entries.push_back(
        audited("member-" + std::to_string(100 + i), static_cast<std::int64_t>(random.below(501)),
                static_cast<Verdict>(random.below(3) == 0 ? random.below(14) : random.below(2))));
  record.entries[0].verdict = Verdict::ok;
  return record;
}

TEST(Rewards, DoNotDependOnTheOrderOfEntries) {
  RandomSequence random(21, Stream::test_inputs, 0);
  for (int round = 0; round < 30; ++round) {
    AuditRecord record = random_round(random);
    const Amount pool = 1 + random.below(5000);
    std::vector<MemberReward> expected[kCountRules.size()];
    for (std::size_t r = 0; r < kCountRules.size(); ++r)
      expected[r] = compute_rewards(record, pool, by(kCountRules[r])).members;
    for (std::size_t i = record.entries.size(); i > 1; --i)
      std::swap(record.entries[i - 1], record.entries[random.below(i)]);
    for (std::size_t r = 0; r < kCountRules.size(); ++r)
      EXPECT_EQ(compute_rewards(record, pool, by(kCountRules[r])).members, expected[r]);
  }
}

// More correct answers never weigh less, within a round and when one member alone improves.
TEST(Rewards, AreMonotoneInCorrectAnswers) {
  RandomSequence random(22, Stream::test_inputs, 0);
  for (int round = 0; round < 30; ++round) {
    AuditRecord record = random_round(random);
    for (const RewardRule rule : kCountRules) {
      const Rewards before = compute_rewards(record, Amount::largest(), by(rule));
      for (std::size_t i = 0; i < record.entries.size(); ++i)
        for (std::size_t j = 0; j < record.entries.size(); ++j) {
          const AuditEntry &a = record.entries[i], &b = record.entries[j];
          if (a.verdict != b.verdict || a.hidden_correct < b.hidden_correct) continue;
          EXPECT_GE(before.members[i].weight, before.members[j].weight);
          if (a.hidden_correct > b.hidden_correct) {
            EXPECT_GE(before.members[i].amount, before.members[j].amount);
          }
        }
      AuditRecord better = record;
      if (better.entries[0].hidden_correct == 500) continue;
      ++better.entries[0].hidden_correct;
      const Rewards after = compute_rewards(better, Amount::largest(), by(rule));
      EXPECT_GE(after.members[0].weight, before.members[0].weight);
      EXPECT_GE(after.members[0].amount, before.members[0].amount);
    }
  }
}

TEST(Rewards, AreCarriedOverWhenNobodyBeatsTheBaseline) {
  AuditRecord record = audited_round();
  record.hidden.incumbent_correct = 450;
  for (const RewardRule rule : kCountRules) {
    const Rewards rewards = compute_rewards(record, 777, by(rule));
    EXPECT_EQ(rewards.carried, Amount(777));
    EXPECT_EQ(rewards.paid, Amount());
    EXPECT_EQ(total(rewards), Amount(777));
    EXPECT_FALSE(payout_of(rewards).has_value());
  }
}

TEST(Rewards, NeedEnoughHiddenImagesUnlessTheyAreADemonstration) {
  AuditRecord record = audited_round();
  record.hidden = {sha256("hidden"), 399, 100, 100};
  for (AuditEntry& entry : record.entries) entry.hidden_correct = 300;
  EXPECT_THROW(static_cast<void>(compute_rewards(record, 10, {})), UsageError);
  RewardOptions options;
  options.is_demonstration = true;
  EXPECT_TRUE(compute_rewards(record, 10, options).options.is_demonstration);
  record.is_demonstration = true;
  EXPECT_TRUE(compute_rewards(record, 10, {}).options.is_demonstration);
  record.is_demonstration = false;
  record.hidden.samples = 400;
  EXPECT_FALSE(compute_rewards(record, 10, {}).options.is_demonstration);
}

TEST(Rewards, RefuseBadInput) {
  const AuditRecord good = audited_round();
  RewardOptions options;
  EXPECT_THROW(static_cast<void>(compute_rewards(good, 0, options)), UsageError);
  options.gamma = 3;
  EXPECT_THROW(static_cast<void>(compute_rewards(good, 1, options)), UsageError);
  options = {};
  for (const Fraction& rate : {Fraction{3, 2}, Fraction{-1, 2}, Fraction{1, 0}}) {
    options.unproven_rate = rate;
    EXPECT_THROW(static_cast<void>(compute_rewards(good, 1, options)), UsageError);
  }
  AuditRecord none = good;
  for (AuditEntry& entry : none.entries) entry.verdict = Verdict::claim;
  EXPECT_THROW(static_cast<void>(compute_rewards(none, 1, {})), DataError);
  none.entries.clear();
  EXPECT_THROW(static_cast<void>(compute_rewards(none, 1, {})), DataError);
  AuditRecord uncounted = good;
  uncounted.entries[0].hidden_correct = -1;
  EXPECT_THROW(static_cast<void>(compute_rewards(uncounted, 1, {})), DataError);
  AuditRecord unmeasured = good;
  unmeasured.hidden = {};
  unmeasured.is_demonstration = true;
  for (AuditEntry& entry : unmeasured.entries) entry.hidden_correct = -1;
  EXPECT_THROW(static_cast<void>(compute_rewards(unmeasured, 1, {})), DataError);
}

// Sharing without them would hand their part to their rivals.
TEST(Rewards, WaitForMembersWhomTheMachineCouldNotAudit) {
  AuditRecord record = audited_round();
  record.entries[1].verdict = record.entries[3].verdict = Verdict::transient;
  for (const RewardRule rule : kCountRules) try {
      static_cast<void>(compute_rewards(record, 1000, by(rule)));
      FAIL() << "did not throw";
    } catch (const DataError& e) {
      const std::string message = e.what();
      EXPECT_NE(message.find("device-02, device-04 (TRANSIENT)"), std::string::npos) << message;
      EXPECT_NE(message.find("audit round 2 again"), std::string::npos) << message;
    }
  for (AuditEntry& entry : record.entries) entry.verdict = Verdict::transient;
  EXPECT_THROW(static_cast<void>(compute_rewards(record, 1000, {})), DataError);
}

TEST(RewardRule, HasNames) {
  for (const char* name : {"lower-bound", "plain", "rank", "shapley", "micro-batches"})
    EXPECT_EQ(name_of(reward_rule_from_name(name)), name);
  EXPECT_THROW(static_cast<void>(reward_rule_from_name("lowerbound")), UsageError);
}

}  // namespace
}  // namespace cohort::round
