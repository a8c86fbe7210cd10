#include <gtest/gtest.h>

#include "cohort/core/error.hpp"
#include "cohort/round/reward.hpp"
#include "unit/round/audited_round.hpp"

namespace cohort::round {
namespace {

// The reference's example: A 630, B 570 of 1200; C adds nothing.
AuditRecord shapley_round() {
  AuditRecord record = audited_round();
  record.hidden = {sha256("hidden"), 500, 250, 200};
  record.entries = {audited("a", 400), audited("b", 390), audited("c", 250)};
  record.coalitions = Coalitions{{"a", "b", "c"}, {250, 400, 390, 450, 250, 400, 390, 450}};
  return record;
}

TEST(Rewards, ShareByShapleyValues) {
  const auto amount = amounts(compute_rewards(shapley_round(), 1200, by(RewardRule::shapley)));
  EXPECT_EQ(amount.at("a"), Amount(630));
  EXPECT_EQ(amount.at("b"), Amount(570));
  EXPECT_EQ(amount.at("c"), Amount());
}

TEST(Rewards, GiveCopiesOneShareTogether) {
  AuditRecord record = shapley_round();
  AuditEntry copy = audited("a-again", 400);
  copy.model = record.entries[0].model;
  record.entries.push_back(copy);
  const auto amount = amounts(compute_rewards(record, 1200, by(RewardRule::shapley)));
  EXPECT_EQ(amount.at("a"), Amount(315));
  EXPECT_EQ(amount.at("a-again"), Amount(315));
  EXPECT_EQ(amount.at("b"), Amount(570));
}

TEST(Rewards, PayNoNegativeShapleyValueAndNoRefusedPlayer) {
  AuditRecord record = shapley_round();
  record.coalitions = Coalitions{{"a", "b"}, {250, 400, 200, 300}};
  record.entries.pop_back();
  auto amount = amounts(compute_rewards(record, 100, by(RewardRule::shapley)));
  EXPECT_EQ(amount.at("a"), Amount(100));
  EXPECT_EQ(amount.at("b"), Amount());
  record = shapley_round();
  record.entries[1].verdict = Verdict::baseline;
  amount = amounts(compute_rewards(record, 100, by(RewardRule::shapley)));
  EXPECT_EQ(amount.at("b"), Amount());
  EXPECT_EQ(amount.at("a"), Amount(100));
}

TEST(Rewards, NeedWholeCoalitionsForShapley) {
  AuditRecord record = shapley_round();
  record.coalitions.reset();
  EXPECT_THROW(static_cast<void>(compute_rewards(record, 1, by(RewardRule::shapley))), DataError);
  record = shapley_round();
  record.coalitions = Coalitions{{"a", "b"}, {250, 400, 390, 450}};  // c is missing
  EXPECT_THROW(static_cast<void>(compute_rewards(record, 1, by(RewardRule::shapley))), DataError);
  record = shapley_round();
  record.coalitions->utilities[0] = 251;
  EXPECT_THROW(static_cast<void>(compute_rewards(record, 1, by(RewardRule::shapley))), DataError);
  record = shapley_round();
  for (int i = 0; i < 10; ++i) {
    record.entries.push_back(audited("copy-" + std::to_string(i), 400));
    record.entries.back().model = record.entries[0].model;
  }
  EXPECT_THROW(static_cast<void>(compute_rewards(record, 1, by(RewardRule::shapley))), UsageError);
}

TEST(Rewards, ShareOneModelsGainByMicroBatches) {
  AuditRecord record = audited_round();
  record.entries = {audited("a", 450), audited("b", 450), audited("c", 450, Verdict::ok_unproven)};
  for (AuditEntry& entry : record.entries) entry.model = record.entries[0].model;
  record.entries[1].micro_batches = 1200;
  const auto amount = amounts(compute_rewards(record, 900, by(RewardRule::micro_batches)));
  EXPECT_EQ(amount.at("a"), Amount(200));
  EXPECT_EQ(amount.at("b"), Amount(600));
  EXPECT_EQ(amount.at("c"), Amount(100));
  record.hidden.incumbent_correct = 450;  // no gain, nothing to share
  EXPECT_EQ(compute_rewards(record, 900, by(RewardRule::micro_batches)).carried, Amount(900));
  record.entries[1].model = sha256("another");
  EXPECT_THROW(static_cast<void>(compute_rewards(record, 900, by(RewardRule::micro_batches))), DataError);
}

TEST(Payout, HoldsMembersWithAddressesAlone) {
  const Rewards rewards = compute_rewards(audited_round(), 1'000'000, by(RewardRule::plain));
  const auto tree = payout_of(rewards);
  ASSERT_TRUE(tree.has_value());
  ASSERT_EQ(tree->values().size(), 2U);
  EXPECT_EQ(to_text(tree->values()[0].account), "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
  EXPECT_EQ(tree->values()[0].amount, rewards.members[0].amount);
  EXPECT_EQ(tree->values()[1].amount, rewards.members[1].amount);
}

TEST(Payout, AddsUpWhatOneAddressEarned) {
  AuditRecord record = audited_round();
  record.entries[1].address = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed";
  const Rewards rewards = compute_rewards(record, 1'000'000, by(RewardRule::plain));
  const auto tree = payout_of(rewards);
  ASSERT_TRUE(tree.has_value());
  ASSERT_EQ(tree->values().size(), 1U);
  EXPECT_EQ(tree->values()[0].amount, rewards.members[0].amount + rewards.members[1].amount);
}

}  // namespace
}  // namespace cohort::round
