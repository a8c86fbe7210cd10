#include "cohort/round/reward_terms.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/reward_files.hpp"
#include "cohort/store/atomic_file.hpp"
#include "support/tiny_run.hpp"
#include "unit/round/audited_round.hpp"
#include "unit/store/folder.hpp"

namespace cohort::round {
namespace {
namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(RewardTerms, AreTheTasks) {
  Task task;
  task.pool = {"123", "plain", 1, 2, 3, true};
  EXPECT_EQ(to_text(terms_of(task)), "pool 123, rule plain, gamma 1, unproven rate 2/3, a demonstration");
  task.pool.pool.clear();
  EXPECT_TRUE(terms_of(task).pool.is_zero());
  for (const PoolRules& bad :
       {PoolRules{"1.5", "plain", 1, 1, 2, false}, PoolRules{"1", "plane", 1, 1, 2, false},
        PoolRules{"1", "plain", 3, 1, 2, false}, PoolRules{"1", "plain", 1, 3, 2, false},
        PoolRules{"1", "plain", 1, 1, 0, false}}) {
    task.pool = bad;
    EXPECT_THROW(static_cast<void>(terms_of(task)), DataError);
  }
}

TEST(RewardTerms, DifferByEachPart) {
  Task task;
  task.pool.pool = "1000000";
  const RewardTerms promise = terms_of(task);
  EXPECT_THAT(differences(promise, promise), IsEmpty());
  RewardTerms found = promise;
  found.pool = 7;
  found.options = {RewardRule::rank, 2, {1, 3}, true};
  EXPECT_THAT(differences(found, promise),
              ElementsAre("pool 7, the task says 1000000", "rule rank, the task says lower-bound",
                          "gamma 2, the task says 1", "unproven rate 1/3, the task says 1/2",
                          "demonstration yes, the task says no"));
}

TEST(RewardTerms, FindWhatAnAuditHasFromNoTask) {
  AuditRecord record = audited_round();
  const Task task = promised(record);
  EXPECT_THAT(differences(record, task), IsEmpty());
  AuditRecord struck = record;
  struck.entries.erase(struck.entries.begin() + 1);
  EXPECT_THAT(differences(struck, task), ElementsAre(HasSubstr("device-02: not in the audit")));
  record.round = 4;
  record.is_demonstration = true;
  record.entries[0].key = sha256("another key");
  record.entries[1].address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
  record.entries[2].evidence = Evidence::hidden;
  record.entries[4].member = "device-99";
  EXPECT_THAT(differences(record, task),
              ElementsAre("round 4, the task has 3", "the audit's demonstration yes, the task says no",
                          HasSubstr("device-01: key "),
                          "device-02: address 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed, the task says "
                          "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359",
                          "device-03: evidence hidden, the task says replay",
                          "device-99: no member of the task", HasSubstr("device-05: not in the audit")));
  record.task = sha256("another task");
  EXPECT_THAT(differences(record, task), ElementsAre(HasSubstr("the audit is of task ")));
}

TEST(RoundOfFolder, IsReadFromThePath) {
  EXPECT_EQ(round_of_folder("/runs/a/rounds/012")->run, "/runs/a");
  EXPECT_EQ(round_of_folder("/runs/a/rounds/012/")->round, 12);
  EXPECT_EQ(round_of_folder("/runs/a/rounds/3/rewards/again")->round, 3);
  EXPECT_EQ(round_of_folder("/runs/a/rounds/../rounds/7/.")->round, 7);
  EXPECT_EQ(round_of_folder("rounds/1")->run, fs::current_path());
  for (const char* other :
       {"", "/runs/a/rounds", "/runs/a/rounds/x1", "/runs/1", "/", "rounds/99999999999999999999"})
    EXPECT_FALSE(round_of_folder(other)) << other;
}

TEST(RoundOfFolder, IsFoundThroughLinks) {
  tests::TemporaryFolder folder("round_of_folder");
  const fs::path run = fs::canonical(folder.path()) / "run", link = folder.path() / "link";
  fs::create_directories(run / "rounds" / "002" / "again");
  fs::create_directory_symlink(run / "rounds" / "002" / "again", link);
  const auto found = round_of_folder(link);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->run, run);
  EXPECT_EQ(found->round, 2);
  EXPECT_FALSE(round_of_folder(folder.path() / "none"));
}

class RewardsOfATask : public store::FolderTest {
 protected:
  void write(const RewardTerms& terms) {
    fs::remove_all(folder_);
    write_rewards(folder_, record_, compute_rewards(record_, terms.pool, terms.options));
  }
  [[nodiscard]] std::string differences() const {
    return joined(verify_rewards(folder_, task_).differences, "; ");
  }

  AuditRecord record_ = audited_round();
  Task task_ = promised(record_);
  fs::path folder_ = path("rounds") / "002";
};

TEST_F(RewardsOfATask, KeepToIt) {
  write(terms_of(task_));
  EXPECT_EQ(differences(), "");
  EXPECT_EQ(to_text(verify_rewards(folder_).terms), to_text(terms_of(task_)));
}

// Each of these files is consistent in itself: only the task tells.
TEST_F(RewardsOfATask, ShowOtherTerms) {
  const auto expect = [&](auto change, const char* difference) {
    RewardTerms terms = terms_of(task_);
    change(terms);
    write(terms);
    EXPECT_THAT(verify_rewards(folder_).differences, IsEmpty());
    EXPECT_EQ(differences(), difference);
  };
  expect([](RewardTerms& t) { t.pool = 1; }, "pool 1, the task says 1000000");
  expect([](RewardTerms& t) { t.options.rule = RewardRule::rank; }, "rule rank, the task says lower-bound");
  expect([](RewardTerms& t) { t.options.gamma = 2; }, "gamma 2, the task says 1");
  expect([](RewardTerms& t) { t.options.unproven_rate = {1, 1}; }, "unproven rate 1/1, the task says 1/2");
  expect([](RewardTerms& t) { t.options.is_demonstration = true; }, "demonstration yes, the task says no");
}

TEST_F(RewardsOfATask, ShowAnotherTaskAndAnotherRound) {
  write(terms_of(task_));
  task_.round_steps = 77;
  EXPECT_THAT(differences(), HasSubstr("the audit is of task "));
  fs::rename(folder_, path("rounds") / "003");
  folder_ = path("rounds") / "003";
  EXPECT_THAT(verify_rewards(folder_).differences,
              ElementsAre("audit.json is of round 2, its folder of round 3"));
}

}  // namespace
}  // namespace cohort::round
