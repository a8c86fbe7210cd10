#include "cohort/train/trainer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "mpi/train/run_training.hpp"

namespace cohort::train {
namespace {

TEST_F(RunTraining, LeavesAWholeRunFolder) {
  const Job whole = job("whole");
  const RunResult result = run(whole);
  EXPECT_EQ(result.code, ExitCode::finished);
  EXPECT_EQ(result.steps, 4);
  EXPECT_EQ(result.history.size(), 3U);  // after steps 2, 3 and 4
  EXPECT_EQ(result.confusion.classes, 3);
  if (!comm_.is_root()) return;
  for (const char* name : {"config.toml", "command.txt", "environment.json", "log.txt", "metrics.jsonl",
                           "results.csv", "status.json", "checkpoints/last.h5", "checkpoints/best.h5"})
    EXPECT_TRUE(fs::exists(file(whole, name))) << name;
  const Checkpoint last = read_checkpoint(file(whole, "checkpoints/last.h5"));
  EXPECT_EQ(to_hex(last.header.state_digest), result.state_digest);
  EXPECT_EQ(scores(last.header.history), scores(result.history));
  EXPECT_EQ(read_checkpoint_header(file(whole, "checkpoints/best.h5")).best_score, result.best_score);
  const Json status = read_status(whole.execution.out);
  EXPECT_EQ(status.at("state").as_string(), "finished");
  EXPECT_EQ(status.at("step").as_int(), 4);
  std::string events;
  for (const std::string& line : split(trim(store::read_text(file(whole, "metrics.jsonl"))), '\n'))
    events += Json::parse(line).at("event").as_string().front();
  EXPECT_EQ(events.front(), 's');
  EXPECT_EQ(events.back(), 'e');
  EXPECT_EQ(std::count(events.begin(), events.end(), 'e'), 4) << "three epochs and the end";
}

TEST_F(RunTraining, StartsTheBestAfreshByANewMetric) {
  Job judged = job("judged");
  judged.execution.select_metric = "accuracy";
  judged.recipe.max_steps = 3;
  EXPECT_GE(run(judged).best_score, 0);
  judged.execution.select_metric = "loss";
  judged.recipe.max_steps = 0;
  const RunResult result = run(judged);
  // best.h5 cannot hold the weights of former rows, so theirs are no scores to beat.
  EXPECT_EQ(result.best_score, -result.history.back().validation_loss);
  const CheckpointHeader best = read_checkpoint_header(file(judged, "checkpoints/best.h5"));
  EXPECT_EQ(best.step, 4);
  EXPECT_EQ(best.best_score, result.best_score);
}

TEST_F(RunTraining, RefusesAChangedRecipe) {
  Job changed = job("changed");
  changed.recipe.max_steps = 1;
  run(changed);
  changed.recipe.optimizer.weight_decay = 0.25;
  EXPECT_EQ(refusal(changed, "optimizer.weight_decay: stored 5e-04, now 0.25"),
            ExitCode::checkpoint_mismatch);
}

TEST_F(RunTraining, EndsAlikeWhenGradientsDiverge) {
  Job wild = job("wild");
  wild.recipe.schedule.kind = optim::ScheduleKind::constant;
  wild.recipe.schedule.learning_rate = 1e8;
  EXPECT_EQ(refusal(wild, "training step 1: "), ExitCode::failed);
  if (comm_.is_root()) {
    EXPECT_EQ(read_status(wild.execution.out).at("state").as_string(), "failed");
  }
}

TEST_F(RunTraining, FollowsResume) {
  Job job = this->job("resume");
  job.recipe.max_steps = 1;
  job.execution.resume = Resume::must;
  EXPECT_EQ(refusal(job, "holds no checkpoint"), ExitCode::usage);
  job.execution.resume = Resume::never;
  run(job);
  EXPECT_EQ(refusal(job, "choose another --out"), ExitCode::usage);
}

TEST_F(RunTraining, ReportsAMissedRequirement) {
  Job demanding = job("demanding");
  demanding.recipe.max_steps = 1;
  demanding.execution.require = "accuracy>=1.01";
  EXPECT_EQ(run(demanding).code, ExitCode::metric_not_reached);
  EXPECT_EQ(run(demanding).code, ExitCode::metric_not_reached) << "also when asked again";
  demanding.execution.require = "accuracy>=0";
  EXPECT_EQ(run(demanding).code, ExitCode::finished);
}

TEST_F(RunTraining, EndsAlikeWhenTheCheckpointCannotBeWritten) {
  const Job blocked = job("blocked");
  if (comm_.is_root()) {
    fs::create_directories(blocked.execution.out);
    std::ofstream(file(blocked, "checkpoints")) << "a file where a folder belongs";
  }
  EXPECT_EQ(refusal(blocked, "write checkpoint"), ExitCode::failed);
  if (comm_.is_root()) {
    EXPECT_EQ(read_status(blocked.execution.out).at("state").as_string(), "failed");
  }
}

TEST_F(RunTraining, RefusesAFolderInUse) {
  const Job job = this->job("used");
  std::optional<RunFolder> other;
  if (comm_.is_root()) other.emplace(job.execution.out);
  refusal(job, "in use by");
}

TEST_F(RunTraining, RefusesBadJobsAndTooLittleMemory) {
  Job bad = job("bad");
  bad.execution.threads = 8;
  EXPECT_EQ(refusal(bad, "at most 7 workers"), ExitCode::usage);
  bad = job("bad");
  bad.execution.max_memory_bytes = 1 << 20;
  EXPECT_EQ(refusal(bad, "more than the limit of 1 MiB"), ExitCode::usage);
  wait_for_all();
  EXPECT_FALSE(fs::exists(bad.execution.out)) << "refused before anything is written";
}

TEST_F(RunTraining, MarksBlasAsNotReplayable) {
  Job blas = job("blas");
  blas.recipe.max_steps = 1;
  blas.execution.kernels = "blas";
  blas.execution.max_time_s = 0;
  EXPECT_EQ(run(blas).code, ExitCode::finished);
  if (comm_.is_root()) {
    EXPECT_FALSE(read_checkpoint_header(file(blas, "checkpoints/last.h5")).is_replayable);
  }
  blas.execution.kernels = "exact";
  blas.recipe.max_steps = 2;
  run(blas);
  if (comm_.is_root()) {
    EXPECT_FALSE(read_checkpoint_header(file(blas, "checkpoints/last.h5")).is_replayable)
        << "once is for ever";
  }
}

TEST_F(RunTraining, RunsWithoutValidationSplit) {
  if (comm_.is_root()) tests::write_tiny_data(folder_ / "plain.h5", {60, 0, 5});
  wait_for_all();
  dataset_.emplace(data::Dataset::open(folder_ / "plain.h5"));
  Job job = this->job("plain");
  job.recipe.max_steps = 2;
  const RunResult result = run(job);
  EXPECT_EQ(result.code, ExitCode::finished);
  EXPECT_TRUE(std::isnan(result.history.back().accuracy));
  EXPECT_TRUE(std::isfinite(result.history.back().train_loss));
  EXPECT_FALSE(fs::exists(file(job, "checkpoints/best.h5")));
  job.execution.out = folder_ / "plain2";
  job.execution.require = "accuracy>=0.5";
  EXPECT_EQ(refusal(job, "no validation split"), ExitCode::usage);
}

TEST_F(RunTraining, DryRunWritesNothing) {
  const Job dry = job("dry");
  log_.set_quiet(true);
  dry_run(comm_, dry, *dataset_, log_);
  EXPECT_FALSE(fs::exists(dry.execution.out));
}

TEST_F(RunTraining, EstimatesMemory) {
  Job job = this->job("memory");
  job.recipe = resolved(job.recipe, *dataset_);
  const nn::Model model = nn::build_model(job.recipe.model);
  const std::uint64_t one = estimate_memory(job, model, 1);
  EXPECT_GT(one, static_cast<std::uint64_t>(nn::layout_state(model).parameter_count) * (4 + 8 + 4));
  EXPECT_LT(estimate_memory(job, model, 4), one + 1000000);
  job.recipe.ema_decay = 0.9;
  EXPECT_GT(estimate_memory(job, model, 1), one);
  job.execution.threads = 2;
  EXPECT_GT(estimate_memory(job, model, 1), one);
}

}  // namespace
}  // namespace cohort::train
