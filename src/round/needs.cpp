#include "cohort/round/needs.hpp"

#include <algorithm>

#include "cohort/explore/search_space.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/nn/network.hpp"
#include "cohort/optim/optimizer.hpp"
#include "cohort/train/recipe_setting.hpp"
#include "cohort/train/trainer.hpp"
#include "round/grouping.hpp"
#include "round/submission_arrays.hpp"

namespace cohort::round {
namespace {

constexpr std::uint64_t kFileOverhead = std::uint64_t{1} << 16;        // header and lists of a file ...
constexpr std::uint64_t kTensorOverhead = std::uint64_t{1} << 10;      // ... and of each tensor in it
constexpr std::uint64_t kCheckpointOverhead = std::uint64_t{1} << 20;  // its attributes and texts
constexpr std::uint64_t kLinkText = 512;  // of a link in a submission's header and in progress.json

std::size_t slots_of(const train::Recipe& recipe) {
  return optim::slot_names(recipe.optimizer.kind).size();
}

/// The recipe whose state and work take the most room of all that a search may choose.
train::Recipe largest_recipe(const Task& task) {
  train::Recipe largest = task.recipe;
  const explore::SearchSpace space = explore::SearchSpace::parse(task.search);
  for (const explore::Dimension& dimension : space.dimensions()) {
    std::vector<std::string> values = dimension.choices;
    if (values.empty()) values = {dimension.at(0), dimension.at(1)};
    for (const std::string& value : values) {
      train::Recipe other = largest;
      train::apply_setting(other, dimension.key, value);
      if (slots_of(other) > slots_of(largest)) largest.optimizer.kind = other.optimizer.kind;
      largest.ema_decay = std::max(largest.ema_decay, other.ema_decay);
      largest.micro_batch = std::max(largest.micro_batch, other.micro_batch);
    }
  }
  return largest;
}

std::uint64_t values_of(const std::vector<nn::Tensor>& tensors) {
  std::int64_t values = 0;
  for (const nn::Tensor& tensor : tensors) values += tensor.canonical_count();
  return static_cast<std::uint64_t>(values);
}

/// A file that holds parameters and statistics so often.
std::uint64_t file_bytes(const nn::StateLayout& layout, std::uint64_t parameters, std::uint64_t statistics) {
  const std::uint64_t tensors = parameters * layout.parameters.size() + statistics * layout.statistics.size();
  return 4 * (parameters * values_of(layout.parameters) + statistics * values_of(layout.statistics)) +
         tensors * kTensorOverhead + kFileOverhead;
}

}  // namespace

RoundFiles round_files(const Task& task) {
  const nn::StateLayout layout = nn::layout_state(nn::build_model(task.recipe.model));
  const train::Recipe recipe = largest_recipe(task);
  const std::uint64_t averages = recipe.ema_decay > 0 ? 1 : 0;
  const std::uint64_t state = file_bytes(layout, 1 + slots_of(recipe) + averages, 1 + averages);
  const auto members = static_cast<std::uint64_t>(task.members.size());
  const auto links = static_cast<std::uint64_t>(links_of(task));
  const std::uint64_t submission = file_bytes(layout, 1, 1) + links * kLinkText;
  return {members * links * state, members * (state + submission) + 2 * (state + kCheckpointOverhead),
          std::max(state, submission + kMostHeaderBytes)};
}

std::uint64_t estimate_memory(const Task& task, const train::Execution& execution, int ranks) {
  const nn::Model model = nn::build_model(task.recipe.model);
  const nn::StateLayout layout = nn::layout_state(model);
  const auto members = static_cast<std::uint64_t>(task.members.size());
  const int groups = Grouping(ranks, static_cast<int>(members)).groups();
  const train::Recipe recipe = largest_recipe(task);
  // The smallest group has the largest slices.
  const std::uint64_t training = train::estimate_memory({recipe, execution}, model, ranks / groups);
  const auto arenas = static_cast<std::uint64_t>(
      execution.threads * nn::planned_arena_bytes(model, kernels::exact_table(execution.isa),
                                                  static_cast<int>(recipe.micro_batch),
                                                  nn::Purpose::training));
  const auto one = static_cast<std::uint64_t>(4 * (layout.parameter_count + layout.statistic_count));
  // A merge has every member's model on every rank, and there still lies what this rank has looked at.
  const auto group_count = static_cast<std::uint64_t>(groups);
  const std::uint64_t looked_at = (members + group_count - 1) / group_count;
  const std::uint64_t merging = training - arenas + one * (members + looked_at);
  const std::uint64_t held = task.merge.rule == MergeRule::none ? 1 + members : 1;
  return std::max(training, merging) + one * held;
}

}  // namespace cohort::round
