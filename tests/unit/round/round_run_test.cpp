// Whole runs of rounds in one process, small enough for a blink: what they keep, and how they go on.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "cohort/core/error.hpp"
#include "cohort/store/atomic_file.hpp"
#include "round/finding_text.hpp"
#include "tiny_round.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// Four candidates, rounds of two links of a step.
Task short_task(MergeRule rule, std::int64_t rounds) {
  Task task = tiny_task();
  task.rounds = rounds;
  task.round_steps = 2;
  task.link_steps = 1;
  task.partition.train = {16};
  task.partition.validation = {5};
  task.merge.rule = rule;
  return task;
}

class ShortRun {
 public:
  ShortRun(const std::string& name, const Task& task) : tiny_(name, task, 4) {}

  RoundsResult run(const std::string& name = "run") {
    train::Execution execution;
    execution.out = tiny_.folder(name);
    execution.threads = 1;
    const train::RunDescription description;
    Log log(false);
    return run_rounds(comm_, tiny_.task, tiny_.partition, tiny_.coordinator, execution, tiny_.dataset,
                      &tiny_.hidden, description, log);
  }
  [[nodiscard]] RoundPaths paths(const std::string& name = "run") const { return {tiny_.folder(name)}; }
  [[nodiscard]] fs::path submission(const std::string& run, std::int64_t round, std::size_t i) const {
    return paths(run).candidate(round, tiny_.task.members[i].name).submission;
  }
  /// As after a kill before the round was done.
  void forget(const std::string& run, std::int64_t round) const { fs::remove_all(paths(run).round(round)); }

 private:
  TinyRound tiny_;
  comm::Communicator comm_ = comm::Communicator::self();
};

TEST(RoundRun, KeepsDonorsOnlyWhereCandidatesKeepTheirModels) {
  for (const MergeRule rule : {MergeRule::none, MergeRule::average}) {
    Task task = short_task(rule, 2);
    task.search = {{"schedule.learning_rate", "log(1e-3, 1e-2)"}};
    task.explore.proposer = "population";
    task.explore.quantile = 0.25;
    task.audit.evidence = Evidence::claim;
    ShortRun short_run("donors", task);
    const RoundsResult result = short_run.run();
    const auto donors = std::ranges::count_if(result.records.at(1).assignments,
                                              [](const Assignment& a) { return a.donor >= 0; });
    EXPECT_EQ(donors > 0, rule == MergeRule::none) << name_of(rule);
  }
}

TEST(RoundRun, GoesOnFromTheNewestAcceptedModels) {
  Task task = short_task(MergeRule::none, 3);
  task.audit.evidence = Evidence::claim;
  ShortRun short_run("own", task);
  const RoundsResult whole = short_run.run("whole");
  ASSERT_TRUE(
      std::ranges::all_of(whole.records.at(1).findings, [](const auto& f) { return may_merge(f.verdict); }));
  fs::copy(short_run.paths("whole").run, short_run.paths("run").run, fs::copy_options::recursive);
  short_run.forget("run", 3);
  for (std::size_t i = 0; i < 4; ++i)  // nothing needs the first round's models any more
    fs::resize_file(short_run.submission("run", 1, i), 100);
  EXPECT_EQ(short_run.run("run").model_digest, whole.model_digest);
  EXPECT_EQ(to_json(short_run.run("run").records.at(2)).dump(), to_json(whole.records.at(2)).dump());

  short_run.forget("run", 3);
  fs::copy(short_run.submission("whole", 1, 2), short_run.submission("run", 2, 2),
           fs::copy_options::overwrite_existing);
  EXPECT_THAT([&] { short_run.run("run"); },
              ThrowsMessage<Error>(HasSubstr("device-03.h5: is not what round 2 accepted")));
}

}  // namespace
}  // namespace cohort::round
