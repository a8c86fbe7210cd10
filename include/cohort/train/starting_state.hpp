// Where a training begins that goes on from a model instead of drawn values.
#pragma once

#include <span>

#include "cohort/train/options.hpp"
#include "cohort/train/state.hpp"

namespace cohort::train {

/// A model's parameters and statistics, in the flat blocked order of nn::StateLayout.
struct StartingModel {
  std::span<const float> parameters, statistics;
};

/// The state before the first step: the model, a fresh optimizer, an average (where there is one) that starts
/// at the model.
FullState starting_state(const Recipe& recipe, const StartingModel& model);

}  // namespace cohort::train
