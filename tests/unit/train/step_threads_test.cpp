// One rank alone with several threads: what the thread sanitizer looks at, without MPI.
#include <gtest/gtest.h>

#include <cfenv>

#include "cohort/comm/communicator.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/train/evaluator.hpp"
#include "cohort/train/step.hpp"
#include "support/tiny_run.hpp"

namespace cohort::train {
namespace {

struct Outcome {
  Digest state;
  std::vector<float> logits;
};

Outcome train_with(int threads, const data::Dataset& dataset) {
  comm::Communicator comm = comm::Communicator::self();
  Recipe recipe = tests::tiny_job().recipe;
  recipe.ema_decay = 0.9;
  recipe.optimizer.clip_norm = 1;
  recipe = resolved(recipe, dataset);
  const nn::Model model = nn::build_model(recipe.model);
  const nn::StateLayout layout = nn::layout_state(model);
  const kernels::Table<float>& table = kernels::exact_table("auto");
  WorkerPool pool(threads);
  Trainee trainee(comm, pool, table, dataset, model, layout, recipe);
  trainee.initialise();
  trainee.step();
  trainee.step();
  const std::vector<std::int32_t> samples = dataset.indices(data::Split::validation);
  return {state_digest(layout, trainee.gather()),
          predict_logits(comm, pool, table, dataset, samples, dataset.normalization(), model, layout,
                         trainee.parameters(), trainee.statistics())};
}

TEST(StepOfThreads, EqualsOneThread) {
  const tests::TemporaryFolder folder("threads");
  tests::write_tiny_data(folder.path() / "tiny.h5");
  const data::Dataset dataset = data::Dataset::open(folder.path() / "tiny.h5");
  const Outcome one = train_with(1, dataset);
  for (const int threads : {2, 4, 7}) {
    const Outcome many = train_with(threads, dataset);
    EXPECT_EQ(many.state, one.state) << threads << " threads";
    EXPECT_EQ(many.logits, one.logits) << threads << " threads";
  }
}

TEST(StepOfThreads, RefusesAnInexactFloatEnvironment) {
  const tests::TemporaryFolder folder("environment");
  tests::write_tiny_data(folder.path() / "tiny.h5");
  const data::Dataset dataset = data::Dataset::open(folder.path() / "tiny.h5");
  comm::Communicator comm = comm::Communicator::self();
  const Recipe recipe = resolved(tests::tiny_job().recipe, dataset);
  const nn::Model model = nn::build_model(recipe.model);
  const nn::StateLayout layout = nn::layout_state(model);
  WorkerPool pool(1);
  Trainee trainee(comm, pool, kernels::exact_table("auto"), dataset, model, layout, recipe);
  trainee.initialise();
  std::fesetround(FE_UPWARD);
  EXPECT_THROW(trainee.step(), Error);
  kernels::set_float_environment();
  EXPECT_NO_THROW(trainee.step());
}

}  // namespace
}  // namespace cohort::train
