#include "cohort/train/options.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <set>

#include "cohort/core/error.hpp"
#include "cohort/train/recipe_setting.hpp"
#include "support/tiny_run.hpp"

namespace cohort::train {
namespace {

bool mentions(const std::vector<std::string>& lines, const std::string& words) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(words) != std::string::npos; });
}

Job good_job() {
  Job job = tests::tiny_job("runs/x");
  job.recipe.model.classes = 3;
  job.recipe.model.input = {3, 20, 20};
  return job;
}

TEST(RecipeText, HasDistinctKeysAndReadableValues) {
  const auto text = recipe_text(good_job().recipe);
  std::set<std::string> keys;
  for (const auto& [key, value] : text) {
    EXPECT_TRUE(keys.insert(key).second) << key;
    EXPECT_EQ(value.find('\n'), std::string::npos);
    EXPECT_EQ(key.find('='), std::string::npos);
  }
  const auto value = [&](const std::string& key) {
    return std::find_if(text.begin(), text.end(), [&](const auto& pair) { return pair.first == key; })
        ->second;
  };
  EXPECT_EQ(value("seed"), "7");
  EXPECT_EQ(value("schedule.learning_rate"), "0.05");
  EXPECT_EQ(value("model.input"), "3x20x20");
  EXPECT_EQ(value("optimizer.nesterov"), "true");
}

TEST(RecipeText, ShowsEveryFieldThatDecidesBits) {
  const auto base = recipe_text(good_job().recipe);
  const std::vector<std::function<void(Recipe&)>> changes{
      [](Recipe& r) { r.seed = 8; },
      [](Recipe& r) { r.batch_size = 64; },
      [](Recipe& r) { r.micro_batch = 7; },
      [](Recipe& r) { r.epochs = 4; },
      [](Recipe& r) { r.max_steps = 2; },
      [](Recipe& r) { r.steps = 9; },
      [](Recipe& r) { r.schedule_start = 3; },
      [](Recipe& r) { r.start_model = std::string(64, 'a'); },
      [](Recipe& r) { r.label_smoothing = 0; },
      [](Recipe& r) { r.class_weights = ClassWeights::none; },
      [](Recipe& r) { r.sampling = data::Sampling::balanced; },
      [](Recipe& r) { r.statistic_momentum = 0.2; },
      [](Recipe& r) { r.ema_decay = 0.5; },
      [](Recipe& r) { r.validate = Weights::ema; },
      [](Recipe& r) { r.model.name = "resnet18"; },
      [](Recipe& r) { r.model.stem = "cifar"; },
      [](Recipe& r) { r.model.classes = 5; },
      [](Recipe& r) { r.model.input.width = 24; },
      [](Recipe& r) { r.optimizer.kind = optim::OptimizerKind::lars; },
      [](Recipe& r) { r.optimizer.momentum = 0.8; },
      [](Recipe& r) { r.optimizer.nesterov = false; },
      [](Recipe& r) { r.optimizer.beta1 = 0.8; },
      [](Recipe& r) { r.optimizer.beta2 = 0.8; },
      [](Recipe& r) { r.optimizer.epsilon = 1e-6; },
      [](Recipe& r) { r.optimizer.weight_decay = 0; },
      [](Recipe& r) { r.optimizer.trust = 0.5; },
      [](Recipe& r) { r.optimizer.clip_norm = 1; },
      [](Recipe& r) { r.schedule.kind = optim::ScheduleKind::cosine; },
      [](Recipe& r) { r.schedule.learning_rate = 1; },
      [](Recipe& r) { r.schedule.minimum = 0.01; },
      [](Recipe& r) { r.warmup_epochs = 1; },
      [](Recipe& r) { r.step_epochs = 1; },
      [](Recipe& r) { r.schedule.gamma = 0.5; },
      [](Recipe& r) { r.schedule.rise_fraction = 0.5; },
      [](Recipe& r) { r.schedule.start_divisor = 2; },
      [](Recipe& r) { r.schedule.final_divisor = 2; },
      [](Recipe& r) { r.augment.flip = false; },
      [](Recipe& r) { r.augment.quarter_turns = false; },
      [](Recipe& r) { r.augment.shift = 1; },
      [](Recipe& r) { r.augment.brightness = 0; },
      [](Recipe& r) { r.augment.contrast = 0.1; },
      [](Recipe& r) { r.augment.colour = 0.1; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Recipe changed = good_job().recipe;
    changes[i](changed);
    EXPECT_EQ(recipe_differences(base, recipe_text(changed)).size(), 1U) << "change " << i;
  }
  EXPECT_EQ(changes.size(), recipe_keys().size()) << "every key is covered";
}

TEST(RecipeDifferences, ShowBothValues) {
  Recipe changed = good_job().recipe;
  changed.seed = 9;
  const auto lines = recipe_differences(recipe_text(good_job().recipe), recipe_text(changed));
  EXPECT_EQ(lines, std::vector<std::string>{"seed: stored 7, now 9"});
  EXPECT_EQ(recipe_differences({{"a", "1"}}, {{"b", "2"}}),
            (std::vector<std::string>{"a: stored 1, now (absent)", "b: stored (absent), now 2"}));
}

TEST(Problems, AGoodJobHasNone) {
  const auto found = problems(good_job(), 7);
  EXPECT_TRUE(found.empty()) << found.front();
}

TEST(Problems, MoreWorkersThanMicroBatchesNameTheMaximum) {
  Job job = good_job();
  job.execution.threads = 4;
  EXPECT_TRUE(mentions(problems(job, 2), "at most 7 workers"));
  job.execution.threads = 3;
  EXPECT_TRUE(problems(job, 2).empty());
}

TEST(Problems, AreReportedAllAtOnce) {
  Job job = good_job();
  job.recipe.micro_batch = 9;
  job.recipe.epochs = -1;
  job.recipe.label_smoothing = 1;
  job.recipe.statistic_momentum = 0;
  job.recipe.validate = Weights::ema;
  job.recipe.optimizer.momentum = 1.5;
  job.recipe.schedule.learning_rate = 0;
  job.recipe.augment.brightness = 7;
  job.recipe.model.name = "resnet81";
  job.recipe.model.input.width = 24;
  job.execution.isa = "avx1024";
  job.execution.kernels = "fast";
  job.execution.select_metric = "speed";
  job.execution.require = "accuracy>0.5";
  job.execution.log_interval_s = -1;
  const auto found = problems(job, 1);
  for (const char* words :
       {"does not divide batch_size 56", "epochs", "label_smoothing", "statistic_momentum",
        "validate_weights", "momentum must lie", "learning rate", "brightness", "resnet81", "square",
        "avx1024", "fast", "speed", "METRIC>=VALUE", "log_interval"})
    EXPECT_TRUE(mentions(found, words)) << words;
}

TEST(Problems, CatchTooManyMicroBatchesAndNotANumber) {
  Job job = good_job();
  job.recipe.batch_size = 4096;
  job.recipe.micro_batch = 1;
  EXPECT_TRUE(mentions(problems(job, 1), "more than the 2048"));
  job = good_job();
  job.recipe.epochs = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(mentions(problems(job, 1), "epochs"));
}

TEST(Resolved, FillsInWhatTheDataSetDecides) {
  const tests::TemporaryFolder folder("resolved");
  tests::write_tiny_data(folder.path() / "tiny.h5");
  const data::Dataset dataset = data::Dataset::open(folder.path() / "tiny.h5");
  Recipe recipe = tests::tiny_job().recipe;
  recipe.warmup_epochs = 1;
  recipe.step_epochs = 0.1;
  const Recipe full = resolved(recipe, dataset);
  EXPECT_EQ(full.model.classes, 3);
  EXPECT_EQ(full.model.input, (Shape{3, 20, 20}));
  EXPECT_EQ(full.schedule.total_steps, 4);  // ceil(3 * 72 / 56) = ceil(3.86)
  EXPECT_EQ(full.schedule.warmup_steps, 1);
  EXPECT_EQ(full.schedule.step_size, 1);
  EXPECT_EQ(recipe_text(resolved(full, dataset)), recipe_text(full)) << "resolving twice changes nothing";

  tests::write_tiny_data(folder.path() / "none.h5", {0, 3, 3});
  EXPECT_THROW(resolved(recipe, data::Dataset::open(folder.path() / "none.h5")), DataError);
}

}  // namespace
}  // namespace cohort::train
