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
  for (const std::int64_t step : {0, 2, 4, 6}) run.event("epoch", at_step(step));
  store::append_line(folder.path() / "metrics.jsonl", "{\"event\":\"epo");  // cut short by a crash
  run.rewind({{0.5, 2, 9, 1, 2, 0.5, 0.25, kNan, 0.1, 100}}, 4);

  const auto lines = split(trim(store::read_text(folder.path() / "metrics.jsonl")), '\n');
  ASSERT_EQ(lines.size(), 3U);
  for (const std::string& line : lines) {
    const Json event = Json::parse(line);
    EXPECT_LE(event.at("step").as_int(), 4);
    EXPECT_EQ(event.at("schema").as_string(), "cohort/metrics/1");
    EXPECT_EQ(event.at("event").as_string(), "epoch");
  }
  EXPECT_EQ(
      store::read_text(folder.path() / "results.csv"),
      "epoch,step,time,train/loss,val/loss,metrics/accuracy,metrics/balanced_accuracy,metrics/auc_macro,lr,"
      "images_per_s\n0.5,2,9.0,1.0,2.0,0.5,0.25,,0.1,100.0\n");
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
