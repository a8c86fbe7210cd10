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
  task.audit.evidence = Evidence::hidden;  // no replay: quick
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
                      &tiny_.hidden, description, log,
                      [this](std::span<const RoundRecord> done) { told.push_back(done.back().round); });
  }
  [[nodiscard]] RoundPaths paths(const std::string& name = "run") const { return {tiny_.folder(name)}; }
  [[nodiscard]] fs::path submission(const std::string& run, std::int64_t round, std::size_t i) const {
    return paths(run).candidate(round, tiny_.task.members[i].name).submission;
  }
  /// As after a kill before the round was done.
  void forget(const std::string& run, std::int64_t round) const { fs::remove_all(paths(run).round(round)); }

  std::vector<std::int64_t> told;  ///< rounds, as they were done

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
    ShortRun short_run("donors", task);
    const RoundsResult result = short_run.run();
    const auto donors = std::ranges::count_if(result.records.at(1).assignments,
                                              [](const Assignment& a) { return a.donor >= 0; });
    EXPECT_EQ(donors > 0, rule == MergeRule::none) << name_of(rule);
  }
}

TEST(RoundRun, GoesOnFromTheNewestAcceptedModels) {
  Task task = short_task(MergeRule::none, 3);
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

TEST(RoundRun, TellsOfEveryRoundAndTestsTheLastModelOnce) {
  ShortRun short_run("told", short_task(MergeRule::average, 2));
  const RoundsResult result = short_run.run();
  EXPECT_THAT(short_run.told, testing::ElementsAre(1, 2));
  ASSERT_TRUE(result.test);
  EXPECT_EQ(result.test->samples, 9);
  EXPECT_GT(result.test->correct, 0);
  const fs::path path = short_run.paths().test();
  const std::string text = store::read_text(path);
  const Json json = Json::parse(text);
  EXPECT_EQ(json.at("correct").as_int(), result.test->correct);
  EXPECT_EQ(json.at("samples").as_int(), 9);
  EXPECT_EQ(json.at("model").as_string(), result.model_digest);

  // What stands there of this model is taken over; whatever else stands there is not.
  store::write_text_atomically(path, Json::parse(text).set("correct", 4).dump());
  EXPECT_EQ(short_run.run().test->correct, 4);
  EXPECT_THAT(short_run.told, testing::ElementsAre(1, 2));
  for (const std::string& other : {Json::parse(text).set("model", "another").dump(), std::string("{")}) {
    store::write_text_atomically(path, other);
    EXPECT_EQ(short_run.run().test->correct, result.test->correct);
    EXPECT_EQ(store::read_text(path), text);
  }
}

}  // namespace
}  // namespace cohort::round
