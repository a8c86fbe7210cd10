#include "cohort/train/starting_state.hpp"

#include <string_view>

#include "cohort/optim/optimizer.hpp"

namespace cohort::train {

FullState starting_state(const Recipe& recipe, const StartingModel& model) {
  FullState state;
  state.parameters = copy_of(model.parameters);
  state.statistics = copy_of(model.statistics);
  for (const std::string_view name : optim::slot_names(recipe.optimizer.kind)) {
    state.slot_names.emplace_back(name);
    state.slots.emplace_back(model.parameters.size());
  }
  if (recipe.ema_decay > 0) {
    state.ema_parameters = copy_of(model.parameters);
    state.ema_statistics = copy_of(model.statistics);
  }
  return state;
}

}  // namespace cohort::train
