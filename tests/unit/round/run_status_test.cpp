// status.json of a run of rounds, and the lines that tell how its training goes.
#include "round/run_status.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <thread>

#include "cohort/store/atomic_file.hpp"
#include "round/training_progress.hpp"
#include "support/tiny_run.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr double kOften = 0.02;  // seconds between beats

class StatusOfRounds : public testing::Test {
 protected:
  [[nodiscard]] fs::path file() const { return folder_.path() / "run" / "status.json"; }
  [[nodiscard]] Json read() const { return Json::parse(store::read_text(file())); }
  /// Whether status.json comes to be so within half a minute.
  bool comes_to(const std::function<bool(const Json&)>& is_so) const {
    const auto until = std::chrono::steady_clock::now() + 30s;
    for (; std::chrono::steady_clock::now() < until; std::this_thread::sleep_for(5ms))
      if (fs::exists(file()) && is_so(read())) return true;
    return false;
  }
  static Json running() { return Json::object().set("state", "running").set("round", 2); }

  const tests::TemporaryFolder folder_{"run-status"};
  train::RunFolder run_{folder_.path() / "run"};
};

TEST_F(StatusOfRounds, IsWrittenAnewWhileNothingHappens) {
  RunStatus status(run_, kOften);
  status.say(running());
  EXPECT_EQ(read().at("round").as_int(), 2);
  fs::remove(file());
  EXPECT_TRUE(comes_to([](const Json& json) { return json.at("state").as_string() == "running"; }));
  status.end(Json::object().set("state", "finished"));
  EXPECT_EQ(read().at("state").as_string(), "finished");
  fs::remove(file());
  std::this_thread::sleep_for(200ms);
  EXPECT_FALSE(fs::exists(file())) << "there are beats behind the end";
}

TEST_F(StatusOfRounds, TellsWhatGoesOnWithinARound) {
  RunStatus status(run_, kOften);
  status.say(running());
  status.note({"training", "device-02", 2, 3, 5, 12, 100, 30});
  EXPECT_TRUE(comes_to([](const Json& json) {
    return json.contains("step") && json.at("step").as_int() == 5 && json.at("steps").as_int() == 12 &&
           json.at("member").as_string() == "device-02" && json.at("candidate").as_int() == 2 &&
           json.at("candidates").as_int() == 3 && json.at("eta_s").as_double() == 30 &&
           json.at("phase").as_string() == "training" && json.at("round").as_int() == 2;
  }));
  status.note({"waiting"});
  EXPECT_TRUE(comes_to([](const Json& json) {
    return json.at("phase").as_string() == "waiting" && !json.contains("step") && !json.contains("eta_s");
  }));
  status.say(running().set("round", 3));
  EXPECT_FALSE(read().contains("phase")) << "another round has begun";
}

TEST_F(StatusOfRounds, CountsTheTimeToGoByTheImagesOfAllThatWait) {
  RunStatus status(run_, kOften);
  status.say(running());
  Log log(false);
  TrainingProgress progress(log, status, 1000, 4, {{"device-01", 10}, {"device-02", 20}, {"device-04", 30}});
  const auto left = [](const Json& json) {
    return json.contains("eta_s") ? json.at("eta_s").as_double() * json.at("images_per_s").as_double() : -1;
  };
  const auto has_left = [&](double images) {
    return comes_to([&](const Json& json) { return std::abs(left(json) - images) < 1e-6; });
  };
  progress.begin(0);
  progress.after_step({}, 1);
  EXPECT_TRUE(has_left(3 * 10 + 4 * 20 + 4 * 30));
  progress.begin(1);  // the first one had been handed in before
  EXPECT_TRUE(has_left(4 * 20 + 4 * 30));
  progress.begin(2);
  progress.after_step({}, 4);
  EXPECT_TRUE(comes_to([](const Json& json) {
    return json.contains("eta_s") && json.at("eta_s").as_double() == 0 && json.at("step").as_int() == 4;
  }));
  progress.end();
  EXPECT_TRUE(comes_to([](const Json& json) { return json.at("phase").as_string() == "waiting"; }));
}

TEST_F(StatusOfRounds, SaysALineEveryInterval) {
  RunStatus status(run_, 1000);
  const fs::path text = folder_.path() / "log.txt";
  Log log(true);
  if (log.is_terminal()) GTEST_SKIP() << "standard error is a terminal, which shows a line that is redrawn";
  log.set_quiet(true);
  log.open_file(text.string());
  for (const double interval_s : {1000.0, 0.0}) {
    TrainingProgress progress(log, status, interval_s, 4, {{"device-01", 10}, {"device-04", 10}});
    progress.begin(1);
    progress.after_step({}, 1);
    EXPECT_EQ(store::read_text(text).empty(), interval_s > 0);
  }
  EXPECT_THAT(store::read_text(text), HasSubstr("device-04 (2 of 2 on these ranks)  step 1/4  loss 0.000"));
}

}  // namespace
}  // namespace cohort::round
