// The pure parts of a run: plan, lines, agreement of ranks, what may be continued.
#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "cohort/core/error.hpp"
#include "support/tiny_run.hpp"
#include "train/agreement.hpp"
#include "train/resume.hpp"
#include "train/run_plan.hpp"
#include "train/run_text.hpp"

namespace cohort::train {
namespace {

RunPlan plan(std::int64_t samples, std::int64_t batch, std::int64_t last, double every) {
  RunPlan made;
  made.samples = samples;
  made.batch_size = batch;
  made.last_step = last;
  made.validate_every_epochs = every;
  return made;
}

std::vector<std::int64_t> due(const RunPlan& plan) {
  std::vector<std::int64_t> steps;
  for (std::int64_t step = 0; step <= plan.last_step; ++step)
    if (plan.validation_due(step)) steps.push_back(step);
  return steps;
}

TEST(RunPlan, ValidatesAtTheFirstStepAfterEachMultipleAndAtTheEnd) {
  EXPECT_EQ(due(plan(72, 56, 4, 1)), (std::vector<std::int64_t>{2, 3, 4}));  // epochs 0.78 1.56 2.33 3.11
  EXPECT_EQ(due(plan(100, 25, 10, 1)), (std::vector<std::int64_t>{4, 8, 10}));
  EXPECT_EQ(due(plan(100, 25, 10, 0.5)), (std::vector<std::int64_t>{2, 4, 6, 8, 10}));
  EXPECT_EQ(due(plan(100, 25, 10, 0)), (std::vector<std::int64_t>{10}));
  EXPECT_EQ(due(plan(10, 25, 3, 1)), (std::vector<std::int64_t>{1, 2, 3}));
}

TEST(RunPlan, MissesNoMultipleByRounding) {
  const std::vector<std::int64_t> all{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  EXPECT_EQ(due(plan(100, 10, 10, 0.1)), all);  // as doubles 0.3 / 0.1 is below 3
  EXPECT_EQ(due(plan(100, 10, 10, 0.05)), all);
  EXPECT_EQ(due(plan(100, 10, 10, 0.3)), (std::vector<std::int64_t>{3, 6, 9, 10}));
  // In whole numbers: interval = tenths / 10 epochs, so its multiple k is at k * tenths * samples / (10 *
  // batch).
  for (const std::int64_t samples : {70, 100, 1009, 33126})
    for (const std::int64_t batch : {7, 10, 32})
      for (const std::int64_t tenths : {1, 2, 3, 7, 11}) {
        std::vector<std::int64_t> expected;
        for (std::int64_t step = 1; step <= 3000; ++step) {
          const auto multiples = [&](std::int64_t at) { return 10 * at * batch / (tenths * samples); };
          if (step == 3000 || multiples(step) > multiples(step - 1)) expected.push_back(step);
        }
        EXPECT_EQ(due(plan(samples, batch, 3000, static_cast<double>(tenths) / 10)), expected)
            << samples << " samples, batches of " << batch << ", " << tenths << " tenths";
      }
}

TEST(RunPlan, WritesTheFirstCheckpointSoon) {
  EXPECT_FALSE(checkpoint_due(59, 600, false));
  EXPECT_TRUE(checkpoint_due(60, 600, false));
  EXPECT_FALSE(checkpoint_due(60, 600, true));
  EXPECT_TRUE(checkpoint_due(600, 600, true));
  EXPECT_TRUE(checkpoint_due(20, 20, false));
  EXPECT_TRUE(checkpoint_due(0, 0, false));
}

TEST(Agreement, NamesTheOddRankAndWhatDiffers) {
  const Facts usual{{"seed", "0"}, {"data set", "abc"}};
  Facts odd = usual;
  odd[1].second = "xyz";
  EXPECT_TRUE(disagreements({usual, usual, usual}).empty());
  EXPECT_EQ(disagreements({usual, usual, odd}),
            std::vector<std::string>{"rank 2 has data set xyz where the others have abc"});
  EXPECT_EQ(disagreements({odd, usual, usual}),
            std::vector<std::string>{"rank 0 has data set xyz where the others have abc"});
  EXPECT_EQ(disagreements({usual, {{"seed", "0"}}, usual}),
            std::vector<std::string>{"rank 1 has data set (absent) where the others have abc"});
}

class Continue : public testing::Test {
 protected:
  Continue() {
    tests::write_tiny_data(folder_.path() / "tiny.h5");
    dataset_.emplace(data::Dataset::open(folder_.path() / "tiny.h5"));
    job_ = tests::tiny_job(folder_.path() / "run");
    job_.recipe = resolved(job_.recipe, *dataset_);
    std::filesystem::create_directories(checkpoints_);
  }
  void save(const Job& job) const {
    const nn::StateLayout layout = nn::layout_state(nn::build_model(job.recipe.model));
    Checkpoint made;
    made.header.numerics_version = 1;
    made.header.model = job.recipe.model;
    made.header.classes = dataset_->classes();
    made.header.recipe = recipe_text(job.recipe);
    made.header.dataset_digest = dataset_->digest();
    made.header.training_digest = training_data_digest(*dataset_);
    made.state.parameters = AlignedBuffer<float>(static_cast<std::size_t>(layout.parameter_count));
    made.state.statistics = AlignedBuffer<float>(static_cast<std::size_t>(layout.statistic_count));
    made.state.slot_names = {"momentum"};
    made.state.slots.emplace_back(static_cast<std::size_t>(layout.parameter_count));
    rotate_checkpoint(checkpoints_, layout, made);
  }
  std::optional<Checkpoint> found(const Job& job) {
    return checkpoint_to_continue(checkpoints_, job, *dataset_, log_);
  }
  std::string refusal(const Job& job) {
    try {
      found(job);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  }

  const tests::TemporaryFolder folder_{"continue"};
  const std::filesystem::path checkpoints_ = folder_.path() / "run" / "checkpoints";
  std::optional<data::Dataset> dataset_;
  Job job_;
  Log log_{false};
};

TEST_F(Continue, FollowsTheResumeOption) {
  EXPECT_FALSE(found(job_).has_value());
  job_.execution.resume = Resume::must;
  EXPECT_THROW(found(job_), UsageError);
  save(job_);
  EXPECT_TRUE(found(job_).has_value());
  job_.execution.resume = Resume::never;
  EXPECT_THROW(found(job_), UsageError);
}

TEST_F(Continue, NeverOverwritesABestThatIsAlone) {
  save(job_);
  std::filesystem::rename(checkpoints_ / "last.h5", checkpoints_ / "best.h5");
  EXPECT_FALSE(found(job_).has_value()) << "nothing to continue from";
  job_.execution.resume = Resume::must;
  EXPECT_THROW(found(job_), UsageError);
  job_.execution.resume = Resume::never;
  EXPECT_NE(refusal(job_).find("already holds a checkpoint; choose another --out"), std::string::npos);
}

TEST_F(Continue, RefusesAnotherRecipeAndShowsTheDifferences) {
  save(job_);
  job_.recipe.schedule.learning_rate = 0.5;
  job_.recipe.epochs = 4;
  const std::string words = refusal(job_);
  EXPECT_NE(words.find("schedule.learning_rate: stored 0.05, now 0.5"), std::string::npos) << words;
  EXPECT_NE(words.find("epochs: stored 3"), std::string::npos) << words;
  EXPECT_THROW(found(job_), CheckpointError);
}

TEST_F(Continue, RefusesAnotherModel) {
  Job other = job_;
  other.recipe.model.name = "resnet18";
  other.recipe.model.stem = "cifar";
  save(other);
  EXPECT_NE(refusal(job_).find("model.name: stored resnet18, now cnn-small"), std::string::npos);
}

TEST_F(Continue, RefusesOtherData) {
  save(job_);
  tests::write_tiny_data(folder_.path() / "other.h5", {72, 21, 9, 6});
  dataset_.emplace(data::Dataset::open(folder_.path() / "other.h5"));
  EXPECT_NE(refusal(job_).find("data set: stored sha256:"), std::string::npos);
}

TEST_F(Continue, RefusesTheSameSamplesSplitAnew) {
  save(job_);
  const Digest samples = dataset_->digest();
  tests::write_tiny_data(folder_.path() / "other.h5", {70, 23, 9});
  dataset_.emplace(data::Dataset::open(folder_.path() / "other.h5"));
  EXPECT_EQ(dataset_->digest(), samples);
  EXPECT_NE(refusal(job_).find("other splits"), std::string::npos);
}

TEST_F(Continue, NamesTheWaysOutOfDamage) {
  save(job_);
  std::ofstream(checkpoints_ / "last.h5") << "damaged";
  const std::string alone = refusal(job_);
  EXPECT_NE(alone.find("last.h5"), std::string::npos) << alone;
  EXPECT_NE(alone.find("No other checkpoint is there: choose another --out"), std::string::npos) << alone;
  std::filesystem::remove(checkpoints_ / "last.h5");
  save(job_);
  std::filesystem::rename(checkpoints_ / "last.h5", checkpoints_ / "best.h5");
  std::ofstream(checkpoints_ / "last.h5") << "damaged";
  const std::string with_best = refusal(job_);
  EXPECT_NE(with_best.find("Copy best.h5 (step 0) over last.h5"), std::string::npos) << with_best;
  std::filesystem::copy_file(checkpoints_ / "best.h5", checkpoints_ / "last.h5",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(found(job_).has_value());
}

TEST(Resume, ReadsTheStoredSelectMetric) {
  CheckpointHeader header;
  EXPECT_EQ(stored_select_metric(header), "");
  header.config_toml = "# select_metric\nseed = 0\nselect_metric = \"loss\"\nrequire = \"\"\n";
  EXPECT_EQ(stored_select_metric(header), "loss");
}

TEST_F(Continue, LetsMaxStepsChange) {
  save(job_);
  job_.recipe.max_steps = 17;
  EXPECT_TRUE(found(job_).has_value());
}

TEST(RunText, DrawsABarForATerminal) {
  StepResult result;
  result.loss = 0.5321;
  const std::string line = bar_line(plan(100, 25, 28, 1), result, 14, 50);
  EXPECT_EQ(line, "[============>           ]  50%  step 14/28  loss 0.532  50 img/s  eta 7 s");
}

TEST(RunText, WritesUndefinedScoresAsNothing) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const HistoryRow row{1, 4, 2.5, 0.75, nan, nan, nan, nan, 0.01, 300};
  for (const char* name : {"loss", "accuracy", "balanced_accuracy", "auc_macro"})
    EXPECT_TRUE(scores_json(row).at(name).is_null()) << name;
  const std::string line = epoch_line(tests::tiny_job().recipe, row, 120, true);
  EXPECT_NE(line.find("epoch 1/3"), std::string::npos) << line;
  EXPECT_NE(line.find("val_loss -"), std::string::npos) << line;
  EXPECT_NE(line.find("eta 2 min"), std::string::npos) << line;
  EXPECT_NE(line.find("*best*"), std::string::npos) << line;
}

}  // namespace
}  // namespace cohort::train
