// A round in which one of three candidates cheats.
#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <memory>
#include <string>

#include "cheat.hpp"
#include "cohort/core/error.hpp"
#include "cohort/round/reward.hpp"
#include "round/round_case.hpp"

namespace cohort::round {

namespace fs = std::filesystem;

/// Three trained candidates; each test spoils what the last one handed in.
class Attack : public testing::Test {
 protected:
  static constexpr std::size_t kVictim = 0, kThief = 2;

  static void SetUpTestSuite() {
    shared_ = std::make_unique<TinyRound>("attack");
    for (std::size_t i = 0; i < 3; ++i) ASSERT_EQ(shared_->train(i).state, CandidateState::submitted);
    fs::rename(shared_->folder("run"), shared_->folder("clean"));
    rules_ = shared_->task;
    parts_ = shared_->partition;
  }
  static void TearDownTestSuite() { shared_.reset(); }

  void SetUp() override {
    tiny_.task = rules_;
    tiny_.partition = parts_;
    fs::remove_all(tiny_.folder("run"));
    fs::copy(tiny_.folder("clean"), tiny_.folder("run"), fs::copy_options::recursive);
  }

  /// The thief gets the verdict and nothing else; the honest get OK and all of the pool.
  void expect_caught(Verdict verdict, const std::string& detail) {
    expect_caught(tiny_.audit_case(), verdict, detail);
  }
  void expect_caught(const AuditCase& audit, Verdict verdict, const std::string& detail) {
    const std::vector<Finding> findings = tiny_.audit(audit);
    EXPECT_EQ(name_of(findings[kThief].verdict), name_of(verdict)) << findings[kThief].detail;
    EXPECT_THAT(findings[kThief].detail, testing::HasSubstr(detail));
    EXPECT_FALSE(may_merge(findings[kThief].verdict));
    for (std::size_t i = 0; i < kThief; ++i)
      EXPECT_EQ(findings[i].verdict, Verdict::ok) << findings[i].member << ": " << findings[i].detail;
    const Rewards rewards = compute_rewards(audit_record(audit, {}, {}, findings),
                                            Amount::from_decimal("1000"), reward_options(tiny_.task.pool));
    EXPECT_TRUE(rewards.members[kThief].amount.is_zero());
    EXPECT_EQ(rewards.paid, rewards.pool);
  }

  static inline std::unique_ptr<TinyRound> shared_;
  static inline Task rules_;
  static inline data::Partition parts_;
  TinyRound& tiny_ = *shared_;
};

}  // namespace cohort::round
