#include "cohort/train/run_folder.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "support/tiny_run.hpp"

namespace cohort::train {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Json at_step(std::int64_t step) {
  return Json::object().set("elapsed_s", 1.5).set("step", step);
}

TEST(RunFolder, IsLockedWhileOpen) {
  const tests::TemporaryFolder folder("locked");
  {
    const RunFolder run(folder.path() / "deep" / "run");
    EXPECT_THROW(RunFolder(folder.path() / "deep" / "run"), Error);
  }
  EXPECT_NO_THROW(RunFolder(folder.path() / "deep" / "run"));
}

TEST(RunFolder, RemovesWhatAKilledRunLeftHalfWritten) {
  const tests::TemporaryFolder folder("killed");
  { const RunFolder first(folder.path()); }
  std::filesystem::create_directory(folder.path() / "checkpoints");
  for (const char* half : {"status.json.tmp.7.a-former-node", "checkpoints/last.h5.tmp.7.a-former-node"})
    store::append_line(folder.path() / half, "half");
  store::append_line(folder.path() / "status.json", "whole");
  const RunFolder again(folder.path());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path()))
    EXPECT_EQ(entry.path().string().find(".tmp."), std::string::npos) << entry.path();
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "status.json"));
}

TEST(RunFolder, RewindsToACheckpoint) {
  const tests::TemporaryFolder folder("rewind");
  RunFolder run(folder.path());
  for (const std::int64_t step : {0, 2, 4, 6}) run.event("stop", at_step(step));
  store::append_line(folder.path() / "metrics.jsonl", "{\"event\":\"sto");  // cut short by a crash
  run.rewind({{0.5, 2, 9, 1, 2, 0.5, 0.25, kNan, 0.1, 100}}, 4);

  const auto lines = split(trim(store::read_text(folder.path() / "metrics.jsonl")), '\n');
  ASSERT_EQ(lines.size(), 3U);
  for (const std::string& line : lines) {
    const Json event = Json::parse(line);
    EXPECT_LE(event.at("step").as_int(), 4);
    EXPECT_EQ(event.at("schema").as_string(), "cohort/metrics/1");
    EXPECT_EQ(event.at("event").as_string(), "stop");
  }
  EXPECT_EQ(
      store::read_text(folder.path() / "results.csv"),
      "epoch,step,time,train/loss,val/loss,metrics/accuracy,metrics/balanced_accuracy,metrics/auc_macro,lr,"
      "images_per_s\n0.5,2,9.0,1.0,2.0,0.5,0.25,,0.1,100.0\n");
}

/// "epoch 2", "checkpoint 2 best.h5", …: what metrics.jsonl holds.
std::vector<std::string> events_in(const std::filesystem::path& run) {
  std::vector<std::string> events;
  for (const std::string& line : split(trim(store::read_text(run / "metrics.jsonl")), '\n')) {
    const Json event = Json::parse(line);
    const std::string file = event.contains("file") ? " " + event.at("file").as_string() : std::string();
    events.push_back(concat(event.at("event").as_string(), " ", event.at("step").as_int(), file));
  }
  return events;
}

TEST(RunFolder, RewindsTheValidationThatTheCheckpointDoesNotHold) {
  const tests::TemporaryFolder folder("validated");
  RunFolder run(folder.path());
  const auto validate = [&](std::int64_t step) {
    run.event("epoch", at_step(step));
    run.event("checkpoint", at_step(step).set("file", "best.h5"));
  };
  run.event("start", at_step(0));
  validate(2);
  run.event("checkpoint", at_step(4).set("file", "last.h5"));
  validate(4);  // and killed: the run continues from last.h5, which was written before
  run.rewind({{0.5, 2, 9, 1, 2, 0.5, 0.25, kNan, 0.1, 100}}, 4);
  EXPECT_EQ(events_in(folder.path()),
            (std::vector<std::string>{"start 0", "epoch 2", "checkpoint 2 best.h5", "checkpoint 4 last.h5"}));
  run.rewind({}, 4);
  EXPECT_EQ(events_in(folder.path()), (std::vector<std::string>{"start 0", "checkpoint 4 last.h5"}));
}

TEST(RunFolder, KnowsWhetherItsRunHasEnded) {
  const tests::TemporaryFolder folder("ended");
  RunFolder run(folder.path());
  EXPECT_FALSE(run.has_end_at(4));
  EXPECT_FALSE(run.says_ended());
  run.event("stop", at_step(4));
  run.event("end", at_step(2));
  EXPECT_FALSE(run.has_end_at(4));
  run.event("end", at_step(4));
  EXPECT_TRUE(run.has_end_at(4));
  for (const auto& [state, is_end] :
       {std::pair{"running", false}, {"failed", false}, {"checkpointed", true}, {"finished", true}}) {
    run.write_status(Json::object().set("state", state));
    EXPECT_EQ(run.says_ended(), is_end) << state;
  }
  store::write_text_atomically(folder.path() / "status.json", "{\"state\": \"fini");
  EXPECT_FALSE(run.says_ended());
}

TEST(RunFolder, StatusIsReadBack) {
  const tests::TemporaryFolder folder("status");
  RunFolder run(folder.path());
  run.write_status(Json::object().set("state", "running").set("step", 3));
  const Json status = read_status(folder.path());
  EXPECT_EQ(status.at("schema").as_string(), "cohort/status/1");
  EXPECT_EQ(status.at("state").as_string(), "running");
  EXPECT_EQ(status.at("step").as_int(), 3);
  EXPECT_THROW(read_status(folder.path() / "elsewhere"), Error);
}

}  // namespace
}  // namespace cohort::train
