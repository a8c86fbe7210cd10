#include "train/run_plan.hpp"

#include <algorithm>
#include <cmath>

namespace cohort::train {

RunPlan::RunPlan(const Job& job, const data::Dataset& dataset)
    : samples(static_cast<std::int64_t>(dataset.indices(data::Split::train).size())),
      batch_size(job.recipe.batch_size),
      last_step(run_steps(job.recipe)),
      validate_every_epochs(job.execution.validate_every_epochs) {}

double RunPlan::epoch_at(std::int64_t step) const {
  return static_cast<double>(step) * static_cast<double>(batch_size) / static_cast<double>(samples);
}

bool RunPlan::validation_due(std::int64_t step) const {
  if (step == 0) return false;
  if (step >= last_step) return true;
  if (validate_every_epochs <= 0) return false;
  // A step at a multiple may come out below it by three roundings of 2^-53: the interval's to a double and
  // those of two divisions. The factor makes up for these and for its own.
  constexpr double kAboveRounding = 1 + 0x1p-51;
  // As doubles, since a tiny interval makes more of them than an integer can count.
  const auto milestones = [&](std::int64_t at) {
    return std::floor(epoch_at(at) / validate_every_epochs * kAboveRounding);
  };
  return milestones(step) > milestones(step - 1);
}

bool checkpoint_due(double since_s, double interval_s, bool has_saved) {
  constexpr double kFirst = 60;
  return since_s >= (has_saved ? interval_s : std::min(interval_s, kFirst));
}

}  // namespace cohort::train
