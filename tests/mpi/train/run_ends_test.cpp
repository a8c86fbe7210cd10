// Runs that end, are continued, or died on the way: the result and the files are those of one that did not.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "mpi/train/run_training.hpp"

namespace cohort::train {
namespace {

TEST_F(RunTraining, SaysThatItHasAlreadyFinished) {
  const RunResult first = run(job("again")), second = run(job("again"));
  EXPECT_EQ(second.code, ExitCode::finished);
  EXPECT_EQ(second.state_digest, first.state_digest);
  EXPECT_EQ(second.steps, first.steps);
  EXPECT_EQ(scores(second.history), scores(first.history));
}

TEST_F(RunTraining, EndsTheFilesOfARunThatDiedBeforeItsEnd) {
  const Job ended = job("ended");
  const RunResult first = run(ended);
  const fs::path status = file(ended, "status.json"), metrics = file(ended, "metrics.jsonl");
  const std::string whole_metrics = comm_.is_root() ? store::read_text(metrics) : std::string();
  const std::string whole_results =
      comm_.is_root() ? store::read_text(file(ended, "results.csv")) : std::string();
  const std::vector<std::function<void()>> deaths{
      [&] { fs::remove(status); },
      [&] { std::ofstream(status) << "{\"state\": \"finis"; },
      [&] {
        RunFolder(ended.execution.out).write_status(Json::object().set("state", "running").set("step", 3));
        const std::string before_end =
            whole_metrics.substr(0, whole_metrics.rfind('\n', whole_metrics.size() - 2) + 1);
        std::ofstream(metrics) << before_end << "{\"schema\":\"coh";  // cut short by the death
      },
  };
  for (const auto& die : deaths) {
    wait_for_all();
    if (comm_.is_root()) die();
    const RunResult second = run(ended);
    EXPECT_EQ(second.code, ExitCode::finished);
    EXPECT_EQ(second.state_digest, first.state_digest);
    if (!comm_.is_root()) continue;
    EXPECT_EQ(read_status(ended.execution.out).at("state").as_string(), "finished");
    EXPECT_EQ(read_status(ended.execution.out).at("step").as_int(), 4);
    EXPECT_EQ(store::read_text(file(ended, "results.csv")), whole_results);
    EXPECT_EQ(events(ended, "end"), std::vector<std::int64_t>{4});
    EXPECT_EQ(events(ended, "epoch"), (std::vector<std::int64_t>{2, 3, 4}));
  }
}

TEST_F(RunTraining, DoublesNoRowOfAValidationThatTheCheckpointDoesNotHold) {
  const Job whole = job("whole");
  const RunResult uninterrupted = run(whole);
  Job killed = job("killed");
  killed.execution.max_time_s = 1e-9;  // every start takes one step
  run(killed);
  run(killed);  // leaves last.h5 of step 2, whose validation is still to come
  if (comm_.is_root()) {
    EXPECT_EQ(events(killed, "epoch"), std::vector<std::int64_t>());
    // As a start that validates and is killed before its next checkpoint.
    for (const std::string& line : split(trim(store::read_text(file(whole, "metrics.jsonl"))), '\n'))
      if (Json::parse(line).at("step").as_int() == 2) store::append_line(file(killed, "metrics.jsonl"), line);
    ASSERT_EQ(events(killed, "epoch"), std::vector<std::int64_t>{2});
  }
  killed.execution.max_time_s = 0;
  EXPECT_EQ(scores(run(killed).history), scores(uninterrupted.history));
  if (!comm_.is_root()) return;
  EXPECT_EQ(events(killed, "epoch"), (std::vector<std::int64_t>{2, 3, 4}));
  EXPECT_EQ(events(killed, "checkpoint", "best.h5"), events(whole, "checkpoint", "best.h5"));
}

TEST_F(RunTraining, StoppedAndContinuedEqualsUninterrupted) {
  const RunResult whole = run(job("whole"));
  Job stopping = job("stopping");
  stopping.execution.max_time_s = 1e-9;  // every start takes one step
  RunResult result;
  for (int start = 0; start < 3; ++start) {
    stopping.execution.threads = 1 + start % 2;
    result = run(stopping);
    EXPECT_EQ(result.code, ExitCode::stopped_with_checkpoint);
    EXPECT_EQ(result.steps, start + 1);
    if (comm_.is_root()) {
      EXPECT_EQ(read_status(stopping.execution.out).at("state").as_string(), "checkpointed");
    }
  }
  result = run(stopping);
  EXPECT_EQ(result.code, ExitCode::finished);
  EXPECT_EQ(result.state_digest, whole.state_digest);
  EXPECT_EQ(scores(result.history), scores(whole.history));
  EXPECT_EQ(result.best_score, whole.best_score);
}

TEST_F(RunTraining, GoesOnFromTheFormerCheckpointWhenTheLastIsDamaged) {
  const RunResult whole = run(job("whole"));
  Job broken = job("broken");
  broken.execution.checkpoint_interval_s = 0;
  broken.recipe.max_steps = 3;
  run(broken);
  broken.recipe.max_steps = 0;
  if (comm_.is_root()) {
    const fs::path last = file(broken, "checkpoints/last.h5");
    fs::resize_file(last, fs::file_size(last) / 2);
  }
  const RunResult result = run(broken);
  EXPECT_EQ(result.state_digest, whole.state_digest);
  EXPECT_EQ(scores(result.history), scores(whole.history)) << "rows are neither lost nor doubled";
}

TEST_F(RunTraining, MaxStepsShortensTheRunNotTheSchedule) {
  const RunResult whole = run(job("whole"));
  Job limited = job("limited");
  limited.recipe.max_steps = 2;
  EXPECT_EQ(run(limited).steps, 2);
  limited.recipe.max_steps = 3;
  EXPECT_EQ(run(limited).steps, 3);
  limited.recipe.max_steps = 0;
  EXPECT_EQ(run(limited).state_digest, whole.state_digest);
}

}  // namespace
}  // namespace cohort::train
