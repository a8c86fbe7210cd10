// How runs of rounds begin and end: what they require, what they need, and what they tell of their rounds.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "cohort/core/error.hpp"
#include "cohort/round/class_counts.hpp"
#include "cohort/store/atomic_file.hpp"
#include "short_run.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// What status.json says of the only requirement: the value asked for, and whether it was reached.
std::pair<double, bool> goal_of(const RoundPaths& paths) {
  const Json status = Json::parse(store::read_text(paths.run / "status.json"));
  const Json& goal = status.at("thresholds").as_array().at(0);
  return {goal.at("value").as_double(), goal.at("reached").as_bool()};
}

TEST(RoundRun, HoldsItsFinalModelAgainstWhatIsRequired) {
  ShortRun short_run("required", short_task(MergeRule::average, 1));
  const RoundsResult result = short_run.run();
  EXPECT_EQ(result.code, ExitCode::finished);
  const double accuracy =
      static_cast<double>(result.test->correct) / static_cast<double>(result.test->samples);
  const auto required = [&](const std::string& metric, double value) {
    return short_run.run("run", concat(metric, ">=", format_shortest(value))).code;
  };
  EXPECT_EQ(required("accuracy", accuracy), ExitCode::finished);
  EXPECT_EQ(goal_of(short_run.paths()), std::pair(accuracy, true));
  EXPECT_EQ(required("accuracy", accuracy + 1e-9), ExitCode::metric_not_reached);
  EXPECT_EQ(goal_of(short_run.paths()), std::pair(accuracy + 1e-9, false));
  const ClassCounts counts =
      *read_class_counts(short_run.paths().test(), digest_from_hex(result.model_digest));
  const double balanced = *counts.confusion.balanced_accuracy();
  EXPECT_EQ(required("balanced_accuracy", balanced), ExitCode::finished);
  EXPECT_EQ(required("balanced_accuracy", balanced + 1e-9), ExitCode::metric_not_reached);
}

TEST(RoundRun, MeasuresOnTheCommonValidationImagesWithoutATestSplit) {
  ShortRun short_run("required-without-test", short_task(MergeRule::average, 1), {72, 21, 0, 5});
  const RoundsResult result = short_run.run();
  EXPECT_FALSE(result.test);
  const RoundRecord& record = result.records.back();
  const double accuracy =
      static_cast<double>(record.merged_validation) / static_cast<double>(record.validation_images);
  const fs::path counts = validation_counts_path(short_run.paths().round(1));
  const std::string written = store::read_text(counts);
  for (const char* there : {"", "damaged"}) {
    if (*there != '\0') store::write_text_atomically(counts, there);
    EXPECT_EQ(short_run.run("run", concat("accuracy>=", format_shortest(accuracy))).code, ExitCode::finished);
    EXPECT_EQ(short_run.run("run", concat("accuracy>=", format_shortest(accuracy + 1e-9))).code,
              ExitCode::metric_not_reached);
    EXPECT_EQ(store::read_text(counts), written);
  }
}

/// Rounds in the order in which metrics.jsonl tells of them.
std::vector<std::int64_t> rounds_told(const RoundPaths& paths) {
  std::vector<std::int64_t> rounds;
  for (const std::string& line : split(store::read_text(paths.run / "metrics.jsonl"), '\n'))
    if (!line.empty()) rounds.push_back(Json::parse(line).at("round").as_int());
  return rounds;
}

TEST(RoundRun, TellsOfEveryRoundOnceHoweverOftenItIsEnded) {
  ShortRun short_run("events", short_task(MergeRule::average, 2));
  short_run.run();
  EXPECT_THAT(rounds_told(short_run.paths()), testing::ElementsAre(1, 2));
  fs::remove(short_run.paths().record(2));  // as after a kill in the end of the round
  store::append_line(short_run.paths().run / "metrics.jsonl", R"({"schema": "cohort/me)");
  short_run.run();
  EXPECT_THAT(rounds_told(short_run.paths()), testing::ElementsAre(1, 2));
  fs::remove(short_run.paths().record(1));
  short_run.run();
  EXPECT_THAT(rounds_told(short_run.paths()), testing::ElementsAre(1, 2));
}

TEST(RoundRun, GoesOnBesideAFolderThatItMayNotRead) {
  if (geteuid() == 0) GTEST_SKIP() << "who may read everything";
  ShortRun short_run("locked", short_task(MergeRule::average, 1));
  const fs::path locked = short_run.paths().round(1) / "aside" / "locked";
  fs::create_directories(locked);
  fs::permissions(locked, fs::perms::none);
  short_run.run();
  fs::permissions(locked, fs::perms::owner_all);
  EXPECT_TRUE(fs::exists(short_run.paths().record(1)));
}

TEST(RoundRun, BeginsNothingThatTheDiskHasNoRoomFor) {
  Task task = short_task(MergeRule::average, 1);
  task.recipe.model.name = "resnet18";
  task.recipe.model.stem = "cifar";
  task.round_steps = 10'000;  // as many links as a submission may have
  ShortRun short_run("disk", task);
  const RoundPaths paths = short_run.paths();
  if (store::free_bytes(paths.run) > std::uintmax_t{3} << 40) GTEST_SKIP() << "this disk has room for it";
  EXPECT_THAT([&] { short_run.run(); },
              ThrowsMessage<Error>(AllOf(HasSubstr("round 1 needs about"), HasSubstr("larger link_steps"))));
  EXPECT_FALSE(fs::exists(paths.task()));
  EXPECT_FALSE(fs::exists(paths.round(1)));
}

}  // namespace
}  // namespace cohort::round
