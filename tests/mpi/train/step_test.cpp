#include "cohort/train/step.hpp"

#include <cmath>
#include <functional>

#include "cohort/core/numerics.hpp"
#include "cohort/train/evaluator.hpp"
#include "mpi/train/shared_data.hpp"

namespace cohort::train {
namespace {

using tests::Training;

/// The state after four steps of tests::tiny_job, whatever computed it. A change is a new numerics_version.
constexpr const char* kGolden = "f722f3675043e9fc75492dd84f9b4060c8455d044071150c5473ca2f4a21789f";

class Step : public tests::SharedData {
 protected:
  [[nodiscard]] static Recipe recipe() { return tests::tiny_job().recipe; }
  comm::Communicator alone_ = comm::Communicator::self();
};

TEST_F(Step, StateDoesNotDependOnRanksOrThreads) {
  ASSERT_EQ(kNumericsVersion, 1);
  for (const int threads : {1, 2}) {
    Training training(comm_, *dataset_, recipe(), threads);
    EXPECT_EQ(training.trainee.total_steps(), 4);
    EXPECT_EQ(training.run(4).digest(), kGolden) << threads << " threads";
  }
}

TEST_F(Step, StateDoesNotDependOnTheInstructionSet) {
  for (const kernels::Isa isa : kernels::available_isas())
    EXPECT_EQ(Training(comm_, *dataset_, recipe(), 2, kernels::name_of(isa)).run(4).digest(), kGolden)
        << kernels::name_of(isa);
}

TEST_F(Step, EveryVariantEqualsOneRank) {
  using optim::OptimizerKind;
  const std::vector<std::pair<const char*, std::function<void(Recipe&)>>> variants{
      {"clipping", [](Recipe& r) { r.optimizer.clip_norm = 0.5; }},
      {"lars", [](Recipe& r) { r.optimizer.kind = OptimizerKind::lars; }},
      {"lars with clipping",
       [](Recipe& r) {
         r.optimizer.kind = OptimizerKind::lars;
         r.optimizer.clip_norm = 0.5;
       }},
      {"adamw",
       [](Recipe& r) {
         r.optimizer.kind = OptimizerKind::adamw;
         r.schedule.learning_rate = 1e-3;
       }},
      {"average", [](Recipe& r) { r.ema_decay = 0.9; }},
      {"balanced sampling", [](Recipe& r) { r.sampling = data::Sampling::balanced; }},
  };
  std::string former = kGolden;
  for (const auto& [name, change] : variants) {
    Recipe changed = recipe();
    change(changed);
    const std::string one = Training(alone_, *dataset_, changed).run(2).digest();
    EXPECT_EQ(Training(comm_, *dataset_, changed, 2).run(2).digest(), one) << name;
    EXPECT_NE(one, former) << name << " changes nothing";
    former = one;
  }
}

TEST_F(Step, ContinuesOnOtherRanksAndThreads) {
  Recipe averaged = recipe();
  averaged.ema_decay = 0.9;
  const std::string whole = Training(comm_, *dataset_, averaged).run(4).digest();

  Training first(comm_, *dataset_, averaged);
  const FullState middle = first.run(2).trainee.gather();
  if (comm_.is_root()) {
    Training second(alone_, *dataset_, averaged, 3);
    second.trainee.restore(middle);
    EXPECT_EQ(second.trainee.steps_done(), 2);
    EXPECT_EQ(second.go_on(2).digest(), whole);
  }
  Training here(alone_, *dataset_, averaged);
  const FullState other_middle = here.run(3).trainee.gather();
  Training third(comm_, *dataset_, averaged, 2);
  third.trainee.restore(other_middle);
  EXPECT_EQ(third.go_on(1).digest(), whole);
}

TEST_F(Step, LossFallsAndIsTheSameOnAllRanks) {
  Recipe long_recipe = recipe();
  long_recipe.epochs = 12;
  Training training(comm_, *dataset_, long_recipe);
  training.trainee.initialise();
  const double first = training.trainee.step().loss;
  double last = 0;
  for (int i = 0; i < 14; ++i) last = training.trainee.step().loss;
  EXPECT_NEAR(first, std::log(3.0), 0.3);
  EXPECT_LT(last, 0.8 * first);
  for (const std::string& other : comm_.all_gather(format_shortest(last)))
    EXPECT_EQ(other, format_shortest(last));
}

TEST_F(Step, AnyRanksWishReachesAll) {
  Training training(comm_, *dataset_, recipe());
  training.trainee.initialise();
  const bool is_last = comm_.rank() == comm_.ranks() - 1;
  StepResult result = training.trainee.step({is_last, false});
  EXPECT_TRUE(result.wishes.stop);
  EXPECT_FALSE(result.wishes.checkpoint);
  result = training.trainee.step({false, is_last});
  EXPECT_FALSE(result.wishes.stop);
  EXPECT_TRUE(result.wishes.checkpoint);
}

TEST_F(Step, ReportsTheNormBeforeClipping) {
  Recipe clipped = recipe();
  clipped.optimizer.clip_norm = 1e-3;
  Training training(comm_, *dataset_, clipped);
  training.trainee.initialise();
  EXPECT_GT(training.trainee.step().gradient_norm, 0.01);
}

TEST_F(Step, RefusesDivergenceAlikeAndKeepsTheState) {
  Recipe wild = recipe();
  wild.schedule.kind = optim::ScheduleKind::constant;
  wild.schedule.learning_rate = 1e8;
  Training training(comm_, *dataset_, wild);
  training.run(1);
  const std::string before = training.digest();
  std::string words;
  try {
    training.trainee.step();
  } catch (const comm::AgreedError& error) {
    words = error.what();
  }
  EXPECT_NE(words.find("training step 1: "), std::string::npos) << words;
  EXPECT_NE(words.find("lower learning rate"), std::string::npos) << words;
  for (const std::string& other : comm_.all_gather(words)) EXPECT_EQ(other, words);
  EXPECT_EQ(training.digest(), before);
  EXPECT_EQ(training.trainee.steps_done(), 1);
}

TEST_F(Step, RefusesRanksThatDisagree) {
  if (comm_.ranks() < 2) return;
  Recipe odd = recipe();
  if (comm_.rank() == 1) odd.optimizer.momentum = 0.8;
  Training training(comm_, *dataset_, odd);
  try {
    training.trainee.initialise();
    ADD_FAILURE() << "accepted";
  } catch (const comm::AgreedError& error) {
    const std::string expected = comm_.ranks() > 2
                                     ? "rank 1 has optimizer.momentum 0.8 where the others have 0.9"
                                     : "rank 1 has optimizer.momentum";
    EXPECT_NE(std::string(error.what()).find(expected), std::string::npos) << error.what();
  }
}

TEST_F(Step, RefusesKernelsWithOtherBits) {
  kernels::Table<float> other = kernels::exact_table("scalar");
  other.add = [](std::int64_t n, const float* a, const float* b, float* dst) {
    kernels::exact_table("scalar").add(n, a, b, dst);
    dst[n - 1] = a[n - 1];
  };
  const int odd = comm_.ranks() - 1;
  const kernels::Table<float>& mine = comm_.rank() == odd ? other : kernels::exact_table("scalar");
  const Training sound(comm_, *dataset_, recipe());
  WorkerPool pool(1);
  Trainee trainee(comm_, pool, mine, *dataset_, sound.model, sound.layout, sound.full);
  const std::string expected =
      concat("check the kernels: ", comm_.ranks() > 1 ? concat("rank ", odd, ": ") : "",
             "the scalar kernels do not compute the bits");
  const auto expect_refused = [&](const std::function<void()>& start) {
    try {
      start();
      ADD_FAILURE() << "accepted";
    } catch (const comm::AgreedError& error) {
      EXPECT_NE(std::string(error.what()).find(expected), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find(kernels::kFingerprint), std::string::npos) << error.what();
    }
  };
  expect_refused([&] { trainee.initialise(); });
  expect_refused([&] { trainee.restore(FullState()); });
  const std::vector<std::int32_t> samples = dataset_->indices(data::Split::validation);
  const std::vector<float> parameters(static_cast<std::size_t>(sound.layout.parameter_count));
  const std::vector<float> statistics(static_cast<std::size_t>(sound.layout.statistic_count));
  expect_refused([&] {
    predict_logits(comm_, pool, mine, *dataset_, samples, dataset_->normalization(), sound.model,
                   sound.layout, parameters, statistics);
  });
}

TEST_F(Step, RefusesAStateOfAnotherRecipe) {
  Recipe other = recipe();
  other.optimizer.kind = optim::OptimizerKind::adamw;
  Training training(comm_, *dataset_, recipe()), adamw(comm_, *dataset_, other);
  const FullState state = adamw.run(0).trainee.gather();
  try {
    training.trainee.restore(state);
    ADD_FAILURE() << "accepted";
  } catch (const comm::AgreedError& error) {
    EXPECT_EQ(error.code(), ExitCode::checkpoint_mismatch);
    EXPECT_NE(std::string(error.what()).find("optimizer state"), std::string::npos) << error.what();
  }
}

TEST_F(Step, ValidatesTheAverageWhenTheRecipeSaysSo) {
  Recipe averaged = recipe();
  averaged.ema_decay = 0.5;
  averaged.validate = Weights::ema;
  Training training(comm_, *dataset_, averaged);
  training.run(2);
  std::vector<float> parameters, statistics;
  training.trainee.validated_weights(parameters, statistics);
  const FullState state = training.trainee.gather();
  EXPECT_FALSE(std::equal(parameters.begin(), parameters.end(), training.trainee.parameters().begin()));
  if (comm_.is_root()) {
    EXPECT_TRUE(std::equal(parameters.begin(), parameters.end(), state.ema_parameters.data()));
    EXPECT_TRUE(std::equal(statistics.begin(), statistics.end(), state.ema_statistics.data()));
  }
}

TEST_F(Step, LogitsDoNotDependOnRanksThreadsOrNeighbours) {
  Training training(comm_, *dataset_, recipe());
  training.run(1);
  const std::vector<std::int32_t> samples = dataset_->indices(data::Split::validation);
  const auto predict = [&](comm::Communicator& group, int threads, std::span<const std::int32_t> indices) {
    WorkerPool pool(threads);
    return predict_logits(group, pool, kernels::exact_table("auto"), *dataset_, indices,
                          dataset_->normalization(), training.model, training.layout,
                          training.trainee.parameters(), training.trainee.statistics());
  };
  const std::vector<float> one = predict(alone_, 1, samples);
  EXPECT_EQ(predict(comm_, 2, samples), one);
  for (const std::size_t i : {std::size_t{0}, samples.size() - 1}) {
    const std::vector<float> single = predict(comm_, 1, std::span(samples).subspan(i, 1));
    EXPECT_TRUE(std::equal(single.begin(), single.end(), one.begin() + static_cast<std::ptrdiff_t>(3 * i)));
  }
  EXPECT_TRUE(predict(comm_, 1, {}).empty());
}

}  // namespace
}  // namespace cohort::train
