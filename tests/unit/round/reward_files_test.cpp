#include "cohort/round/reward_files.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "cohort/core/error.hpp"
#include "cohort/core/json.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/atomic_file.hpp"
#include "unit/round/audited_round.hpp"
#include "unit/store/folder.hpp"

namespace cohort::round {
namespace {
namespace fs = std::filesystem;

class RewardFiles : public store::FolderTest {
 protected:
  void write(const AuditRecord& record = audited_round()) {
    write_rewards(folder_, record, compute_rewards(record, 1'000'000, {}));
  }

  /// Replaces the first `what` in a file.
  void tamper(const std::string& name, std::string_view what, std::string_view with) const {
    std::string text = store::read_text(folder_ / name);
    const std::size_t at = text.find(what);
    ASSERT_NE(at, std::string::npos) << what;
    std::ofstream(folder_ / name) << text.replace(at, what.size(), with);
  }

  [[nodiscard]] std::string differences() const { return joined(verify_rewards(folder_).differences, "; "); }

  fs::path folder_ = path("out");
};

TEST_F(RewardFiles, AreVerified) {
  write();
  EXPECT_EQ(differences(), "");
  EXPECT_TRUE(fs::exists(folder_ / "payout.json"));
  const std::string text = store::read_text(folder_ / "rewards.json");
  EXPECT_EQ(rewards_text(rewards_from_text(text)), text);
  EXPECT_NE(text.find(to_hex(sha256(store::read_text(folder_ / "audit.json")))), std::string::npos);
}

TEST_F(RewardFiles, HaveNoPayoutWhereNothingCanBeClaimed) {
  AuditRecord record = audited_round();
  for (AuditEntry& entry : record.entries) entry.address.clear();
  write(record);
  EXPECT_FALSE(fs::exists(folder_ / "payout.json"));
  EXPECT_EQ(differences(), "");
}

TEST_F(RewardFiles, AreNeverReplacedByOthers) {
  write();
  write();
  EXPECT_EQ(differences(), "");
  EXPECT_THROW(write_rewards(folder_, audited_round(), compute_rewards(audited_round(), 7, {})), Error);
  AuditRecord other = audited_round();
  other.entries[0].hidden_correct = 451;
  EXPECT_THROW(write(other), Error);
  EXPECT_EQ(differences(), "");
}

TEST_F(RewardFiles, ShowATamperedAudit) {
  write();
  tamper("audit.json", "\"hidden_correct\": 450", "\"hidden_correct\": 451");
  const std::string found = differences();
  EXPECT_NE(found.find("audit "), std::string::npos) << found;
  EXPECT_NE(found.find("device-01: weight"), std::string::npos) << found;
  EXPECT_NE(found.find("payout.json: 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), std::string::npos)
      << found;
}

TEST_F(RewardFiles, ShowAnAuditThatChangedWhereNoAmountDoes) {
  write();
  tamper("audit.json", "\"validation_correct\": 91", "\"validation_correct\": 92");
  EXPECT_EQ(differences().find("audit "), 0U);
}

TEST_F(RewardFiles, ShowEveryTamperedReward) {
  const auto expect = [&](const char* what, const char* with, const char* difference) {
    fs::remove_all(folder_);
    write();
    tamper("rewards.json", what, with);
    const std::string found = differences();
    EXPECT_NE(found.find(difference), std::string::npos) << difference << ": " << found;
  };
  const Rewards rewards = compute_rewards(audited_round(), 1'000'000, {});
  const std::string amount = rewards.members[1].amount.to_decimal();
  expect(concat("\"amount\": \"", amount).c_str(), "\"amount\": \"999999", "device-02: amount 999999");
  expect("\"pool\": \"1000000\"", "\"pool\": \"1000001\"", "paid 1000000, computed 1000001");
  expect("\"carried\": \"0\"", "\"carried\": \"5\"", "carried 5, computed 0");
  expect("\"gamma\": 1", "\"gamma\": 2", "device-01: weight");
  expect("\"unproven_rate\": \"1/2\"", "\"unproven_rate\": \"1/3\"", "device-01: weight");
  expect("\"unproven_rate\": \"1/2\"", "\"unproven_rate\": \"1/1\"", "device-03: amount");
  expect("\"name\": \"lower-bound\"", "\"name\": \"rank\"", "device-01: weight");
  expect("\"verdict\": \"CLAIM\"", "\"verdict\": \"OK\"", "device-04: verdict OK, computed CLAIM");
  expect("\"member\": \"device-05\"", "\"member\": \"device-06\"", "device-05: not listed");
  expect("\"member\": \"device-05\"", "\"member\": \"device-06\"", "device-06: listed, but not in the audit");
  expect("\"baseline_correct\": 400", "\"baseline_correct\": 399", "baseline_correct 399, computed 400");
  expect("\"merkle_root\": \"0x", "\"merkle_root\": \"0xf", "merkle_root 0xf");
  expect("\"round\": 2", "\"round\": 3", "round 3, computed 2");
}

TEST_F(RewardFiles, ShowATamperedOrMissingPayout) {
  write();
  const std::string amount = compute_rewards(audited_round(), 1'000'000, {}).members[1].amount.to_decimal();
  tamper("payout.json", concat('"', amount, '"'), "\"999999\"");
  EXPECT_NE(differences().find("payout.json: payout: hash"), std::string::npos) << differences();
  // A whole tree of its own, but of other amounts.
  PayoutValue value;
  value.amount = 5;
  std::ofstream(folder_ / "payout.json") << PayoutTree({value}).dump();
  EXPECT_NE(differences().find("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359 is missing"), std::string::npos)
      << differences();
  EXPECT_NE(differences().find("root"), std::string::npos);
  fs::remove(folder_ / "payout.json");
  EXPECT_NE(differences().find("payout.json: missing"), std::string::npos) << differences();
}

TEST_F(RewardFiles, ShowWhatAPayoutHoldsBesideItsTree) {
  for (const auto& [what, with] : std::vector<std::pair<std::string, std::string>>{
           {"\"format\":", "\"root\": \"0x00\",\n \"format\":"},
           {"\"treeIndex\":", "\"amount\": \"1000000\",\n   \"treeIndex\":"},
           {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"}}) {
    fs::remove_all(folder_);
    write();
    tamper("payout.json", what, with);
    EXPECT_EQ(differences().find("payout.json: pays what is computed, but holds other members"), 0U) << with;
  }
  fs::remove_all(folder_);
  write();
  const std::string text = store::read_text(folder_ / "payout.json");
  std::ofstream(folder_ / "payout.json") << Json::parse(text).dump();
  EXPECT_EQ(differences(), "") << "spacing says nothing";
}

TEST_F(RewardFiles, RefuseWhatCannotBeRead) {
  write();
  tamper("rewards.json", "\"pool\": \"1000000\"", "\"pool\": \"0\"");
  EXPECT_THROW(static_cast<void>(differences()), DataError);
  fs::remove_all(folder_);
  write();
  tamper("rewards.json", "\"pool\"", "\"pond\"");
  EXPECT_THROW(static_cast<void>(differences()), DataError);
  fs::remove(folder_ / "rewards.json");
  EXPECT_THROW(static_cast<void>(differences()), Error);
}

TEST(Fraction, ComesFromText) {
  EXPECT_EQ(fraction_from_text("1/2").denominator, 2);
  EXPECT_EQ(fraction_from_text("3").denominator, 1);
  EXPECT_EQ(fraction_from_text("0/7").numerator, 0);
  for (const char* bad : {"", "/", "1/", "/2", "1/0", "-1/2", "1/ 2", "0.5", "1/2/3", "1234567890/2"})
    EXPECT_THROW(static_cast<void>(fraction_from_text(bad)), DataError) << bad;
}

}  // namespace
}  // namespace cohort::round
