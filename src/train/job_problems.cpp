// What can be wrong with a job, found before any work starts.
#include <algorithm>
#include <array>
#include <cmath>

#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/words.hpp"
#include "cohort/train/metrics.hpp"
#include "cohort/train/options.hpp"

namespace cohort::train {
namespace {

using Problems = std::vector<std::string>;

template <typename... Parts>
void expect(bool holds, Problems& problems, const Parts&... parts) {
  if (!holds) problems.push_back(concat(parts...));
}

/// `holds` is false for NaN as well when written as the comparison that must be true.
void expect_value(bool holds, Problems& problems, std::string_view key, double value,
                  std::string_view range) {
  expect(holds, problems, key, ": must be ", range, ", got ", format_shortest(value));
}

void expect_at_least_zero(Problems& problems, std::string_view key, double value) {
  expect_value(value >= 0 && std::isfinite(value), problems, key, value, "a number from 0 up");
}

void expect_fraction(Problems& problems, std::string_view key, double value) {
  expect_value(value >= 0 && value < 1, problems, key, value, "at least 0 and below 1");
}

/// Runs a check that throws UsageError and keeps its words.
template <typename F>
void expect_accepted(Problems& problems, F&& check) {
  try {
    check();
  } catch (const UsageError& error) {
    problems.emplace_back(error.what());
  }
}

void check_batches(const Job& job, int ranks, Problems& problems) {
  const Recipe& recipe = job.recipe;
  expect(recipe.batch_size >= 1, problems, "batch_size: must be at least 1, got ", recipe.batch_size);
  expect(recipe.micro_batch >= 1, problems, "micro_batch: must be at least 1, got ", recipe.micro_batch);
  expect(job.execution.threads >= 1, problems, "threads: must be at least 1, got ", job.execution.threads);
  if (recipe.batch_size < 1 || recipe.micro_batch < 1) return;
  if (recipe.batch_size % recipe.micro_batch != 0) {
    problems.push_back(
        concat("micro_batch: ", recipe.micro_batch, " does not divide batch_size ", recipe.batch_size));
    return;
  }
  const std::int64_t micro_batches = recipe.batch_size / recipe.micro_batch;
  const std::int64_t workers = std::int64_t{ranks} * job.execution.threads;
  expect(micro_batches <= kMaxMicroBatches, problems, "batch_size: ", recipe.batch_size, " / micro_batch ",
         recipe.micro_batch, " = ", micro_batches, " micro-batches, more than the ", kMaxMicroBatches,
         " that a step's exact sum allows; use a larger micro_batch");
  expect(workers <= micro_batches, problems, "threads: ", counted(ranks, "rank"), " x ",
         counted(job.execution.threads, "thread"), " = ", counted(workers, "worker"), ", but a batch of ",
         recipe.batch_size, " has only ", counted(micro_batches, "micro-batch", "micro-batches"), " of ",
         recipe.micro_batch, "; use at most ", counted(micro_batches, "worker"),
         ", or a smaller micro_batch");
}

void check_training(const Recipe& recipe, Problems& problems) {
  expect_value(recipe.epochs > 0 && recipe.epochs <= 1e6, problems, "epochs", recipe.epochs,
               "above 0, up to 1e6");
  expect(recipe.max_steps >= 0, problems, "max_steps: must be 0 (no limit) or more, got ", recipe.max_steps);
  expect(recipe.steps >= 0 && recipe.steps < std::int64_t{1} << 53, problems,
         "steps: must be 0 (as many as epochs make) or more, got ", recipe.steps);
  expect(recipe.schedule_start >= 0, problems, "schedule_start: must be 0 or more, got ",
         recipe.schedule_start);
  const std::int64_t course = recipe.schedule.total_steps;
  expect(course == 0 || recipe.schedule_start < course, problems, "schedule_start: must be below the ",
         course, " steps that the schedule has, got ", recipe.schedule_start);
  expect_fraction(problems, "label_smoothing", recipe.label_smoothing);
  expect_value(recipe.statistic_momentum > 0 && recipe.statistic_momentum <= 1, problems,
               "statistic_momentum", recipe.statistic_momentum, "above 0, up to 1");
  expect_fraction(problems, "ema_decay", recipe.ema_decay);
  expect(recipe.validate == Weights::raw || recipe.ema_decay > 0, problems,
         "validate_weights: ema needs an ema_decay above 0");
}

void check_parts(const Recipe& recipe, Problems& problems) {
  expect_value(recipe.warmup_epochs >= 0 && recipe.warmup_epochs <= 1e6, problems, "schedule.warmup_epochs",
               recipe.warmup_epochs, "0 to 1e6");
  expect_value(recipe.step_epochs > 0 && recipe.step_epochs <= 1e6, problems, "schedule.step_epochs",
               recipe.step_epochs, "above 0, at most 1e6");
  expect_accepted(problems, [&] { optim::check_optimizer(recipe.optimizer); });
  expect_accepted(problems, [&] { optim::check_schedule(recipe.schedule); });
  expect_accepted(problems, [&] { data::check_options(recipe.augment); });
  expect_accepted(problems, [&] { static_cast<void>(nn::build_model(recipe.model)); });
  const Shape& input = recipe.model.input;
  expect(!recipe.augment.quarter_turns || input.height == input.width, problems,
         "augment.quarter_turns: needs square images, these are ", input.height, "x", input.width,
         "; set augment.quarter_turns to false");
}

void check_execution(const Execution& execution, Problems& problems) {
  constexpr std::array<std::string_view, 5> isas{"auto", "avx512", "avx2", "neon", "scalar"};
  expect(std::find(isas.begin(), isas.end(), execution.isa) != isas.end(), problems, "isa: unknown '",
         execution.isa, "'; known are auto, avx512, avx2, neon, scalar");
  expect(execution.kernels == "exact" || execution.kernels == "blas", problems, "kernels: unknown '",
         execution.kernels, "'; known are exact, blas");
  expect_at_least_zero(problems, "max_time", execution.max_time_s);
  expect_at_least_zero(problems, "checkpoint_interval", execution.checkpoint_interval_s);
  expect_at_least_zero(problems, "validate_every_epochs", execution.validate_every_epochs);
  expect_at_least_zero(problems, "log_interval", execution.log_interval_s);
  expect_accepted(problems, [&] { require_metric_name(execution.select_metric); });
  if (!execution.require.empty())
    expect_accepted(problems, [&] { static_cast<void>(parse_requirement(execution.require)); });
}

}  // namespace

std::vector<std::string> problems(const Job& job, int ranks) {
  Problems found;
  check_batches(job, ranks, found);
  check_training(job.recipe, found);
  check_parts(job.recipe, found);
  check_execution(job.execution, found);
  return found;
}

}  // namespace cohort::train
