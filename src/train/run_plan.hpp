// The length of a run and its milestones, all functions of the step alone.
#pragma once

#include <cstdint>

#include "cohort/data/dataset.hpp"
#include "cohort/train/options.hpp"

namespace cohort::train {

struct RunPlan {
  std::int64_t samples = 1;  ///< of the training split
  std::int64_t batch_size = 1;
  std::int64_t last_step =
      1;  ///< where the run ends: the schedule's length, or max_steps when that is shorter
  double validate_every_epochs = 1;

  RunPlan() = default;
  /// Requires a resolved recipe.
  RunPlan(const Job& job, const data::Dataset& dataset);

  [[nodiscard]] double epoch_at(std::int64_t step) const;
  /// After `step` steps: at the end, and at the first step boundary at or after each multiple of
  /// validate_every_epochs.
  [[nodiscard]] bool validation_due(std::int64_t step) const;
};

/// Whether a checkpoint is due `since_s` after the start or the last one. The first of a start comes after a
/// minute at the latest, so that an early end costs little.
bool checkpoint_due(double since_s, double interval_s, bool has_saved);

}  // namespace cohort::train
