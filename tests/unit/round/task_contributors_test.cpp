// One candidate that several train: who owes which micro-batches, and who is paid.
#include "round/round_case.hpp"
#include "unit/round/tiny_round.hpp"

namespace cohort::round {
namespace {

/// One candidate of a batch of five micro-batches, trained by so many.
Task trained_by(std::size_t contributors) {
  Task task = tiny_task();
  task.partition = {};
  task.recipe.batch_size = 5 * task.recipe.micro_batch;
  task.merge.rule = MergeRule::best;
  task.pool.rule = "micro-batches";
  task.contributors.resize(contributors);
  return task;
}

template <typename E, typename Action>
std::string words_of(const Action& action) {
  try {
    action();
  } catch (const E& e) {
    return e.what();
  }
  return {};
}

std::string refusal(const Task& task) {
  return words_of<UsageError>([&] { TinyRound("refused", task, 1); });
}

TEST(Contributors, OweAStepsMicroBatchesInEvenParts) {
  const TinyRound round("even-parts", trained_by(3), 1);
  std::vector<std::int64_t> owed;
  for (const Contributor& contributor : round.task.contributors) owed.push_back(contributor.micro_batches);
  EXPECT_EQ(owed, (std::vector<std::int64_t>{1, 2, 2}));
  const std::vector<Member> paid = paid_members(round.task);
  ASSERT_EQ(paid.size(), 3U);
  EXPECT_EQ(paid[2].name, "device-03");
  EXPECT_NE(paid[0].key, round.task.members[0].key);
}

TEST(Contributors, ComeBackWithTheTask) {
  const TinyRound round("come-back", trained_by(2), 1);
  const Task again = task_from_json(Json::parse(to_json(round.task).dump()));
  EXPECT_EQ(task_digest(again), task_digest(round.task));
  ASSERT_EQ(again.contributors.size(), 2U);
  EXPECT_EQ(again.contributors[1].member.key, round.task.contributors[1].member.key);
}

TEST(Contributors, AreRefusedWhereNobodyCouldDivide) {
  EXPECT_NE(refusal(trained_by(6)).find("device-01 owes 0 of a step's 5"), std::string::npos);
  Task other_rule = trained_by(2);
  other_rule.pool.rule = "plain";
  EXPECT_NE(refusal(other_rule).find("paid by the rule micro-batches"), std::string::npos);
  TinyRound round("divided", trained_by(2), 1);
  round.task.contributors[0].micro_batches = 1;
  const std::string left =
      words_of<DataError>([&] { static_cast<void>(task_from_json(to_json(round.task))); });
  EXPECT_NE(left.find("nobody owes 1 of a step's 5"), std::string::npos) << left;
}

TEST(Contributors, AreListedWithTheMicroBatchesThatTheChainVouchesFor) {
  TinyRound round("listed", trained_by(3), 1);
  Finding finding;
  finding.member = round.task.members[0].name;
  finding.verdict = Verdict::ok;
  finding.hidden_correct = 9;
  finding.micro_batches = round.task.round_steps * 5;
  const AuditCase audit = round.audit_case();
  const AuditRecord record = audit_record(audit, {}, {}, std::vector{finding});
  ASSERT_EQ(record.entries.size(), 3U);
  std::int64_t sum = 0;
  for (const AuditEntry& entry : record.entries) {
    EXPECT_EQ(entry.verdict, Verdict::ok);
    EXPECT_EQ(entry.hidden_correct, 9);
    sum += entry.micro_batches;
  }
  EXPECT_EQ(sum, finding.micro_batches);
  EXPECT_EQ(record.entries[0].micro_batches, round.task.round_steps);
  EXPECT_EQ(record.entries[1].member, "device-02");
}

}  // namespace
}  // namespace cohort::round
