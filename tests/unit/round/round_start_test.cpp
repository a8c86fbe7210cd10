#include "cohort/round/round_start.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "support/tiny_run.hpp"

namespace cohort::round {
namespace {

using testing::ElementsAre;

Task task_of_two(MergeRule rule) {
  Task task;
  task.recipe = tests::tiny_job().recipe;
  task.recipe.model.classes = 2;
  task.recipe.model.input = {3, 20, 20};
  task.merge.rule = rule;
  task.members = {{"device-01", sha256("key 1"), ""}, {"device-02", sha256("key 2"), ""}};
  return task;
}

nn::StateLayout layout_of(const Task& task) {
  return nn::layout_state(nn::build_model(task.recipe.model));
}

Finding finding(std::int64_t candidate, Verdict verdict, const std::string& submission) {
  Finding found;
  found.candidate = candidate;
  found.verdict = verdict;
  if (!submission.empty()) found.submission = sha256(submission);
  return found;
}

/// Two rounds; the second one refused the second candidate and had nothing of the first.
std::vector<RoundRecord> two_records() {
  std::vector<RoundRecord> records(2);
  records[0].round = 1;
  records[0].findings = {finding(0, Verdict::ok, "a"), finding(1, Verdict::baseline, "b")};
  records[1].round = 2;
  records[1].findings = {finding(0, Verdict::late, ""), finding(1, Verdict::claim, "c")};
  return records;
}

TEST(RoundStart, IsTheFirstModelForEverybodyBeforeAnyRound) {
  const auto obtain = [](std::string_view doing, const std::function<Model()>&) -> Model {
    ADD_FAILURE() << doing;
    return {};
  };
  for (const MergeRule rule : {MergeRule::none, MergeRule::average}) {
    const Task task = task_of_two(rule);
    const RoundStart start = start_after({}, task, layout_of(task), {"nowhere"}, obtain);
    const Model first = initial_model(layout_of(task), task.recipe.seed);
    EXPECT_EQ(start.digest(layout_of(task)),
              model_digest(layout_of(task), first.parameters.span(), first.statistics.span()));
    for (const std::int64_t candidate : {0, 1})
      EXPECT_EQ(start.parent_of({candidate, {}, -1}).parameters[3], first.parameters[3]);
    EXPECT_TRUE(start.spent().empty());
  }
}

TEST(RoundStart, AsksForNoModelThatNobodyGoesOnFrom) {
  std::vector<std::string> asked;
  const auto obtain = [&](std::string_view doing, const std::function<Model()>&) {
    asked.emplace_back(doing);
    Model model{AlignedBuffer<float>(1), AlignedBuffer<float>(1)};
    model.parameters[0] = static_cast<float>(asked.size());
    return model;
  };
  Task task = task_of_two(MergeRule::average);
  const RoundStart merged = start_after(two_records(), task, layout_of(task), {"nowhere"}, obtain);
  EXPECT_THAT(asked, ElementsAre("read the last round's model"));
  EXPECT_EQ(&merged.parent_of({1, {}, -1}), &merged.incumbent);

  asked.clear();
  task = task_of_two(MergeRule::none);
  std::vector<RoundRecord> records = two_records();
  records[0].findings[0].verdict = Verdict::chain;  // the first candidate was never accepted
  const RoundStart own = start_after(records, task, layout_of(task), {"nowhere"}, obtain);
  EXPECT_THAT(asked, ElementsAre("read the last round's model", "read a candidate's model"));
  EXPECT_EQ(own.parent_of({1, {}, -1}).parameters[0], 2.0F) << "its newest accepted one";
  EXPECT_EQ(own.parent_of({0, {}, -1}).parameters[3],
            initial_model(layout_of(task), task.recipe.seed).parameters[3]);
  EXPECT_EQ(&own.parent_of({0, {}, 1}), &own.parent_of({1, {}, -1})) << "the donor's";
}

TEST(RoundStart, KnowsWhatWasHandedInBefore) {
  RoundStart start;
  start.records = two_records();
  EXPECT_EQ(start.spent(), (std::set<Digest>{sha256("a"), sha256("b"), sha256("c")}));
  const AuditSubject subject = start.subject({1, {}, -1}, {"progress.json", "links", "s.h5"});
  EXPECT_EQ(subject.parent, &start.incumbent);
  EXPECT_EQ(subject.submission, "s.h5");
}

}  // namespace
}  // namespace cohort::round
