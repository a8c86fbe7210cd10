#include "cohort/train/options.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::train {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string text(bool value) {
  return value ? "true" : "false";
}
std::string text(double value) {
  return format_shortest(value);
}

std::string_view name_of(data::Sampling sampling) {
  return sampling == data::Sampling::balanced ? "balanced" : "shuffled";
}
std::string_view name_of(ClassWeights weights) {
  return weights == ClassWeights::balanced ? "balanced" : "none";
}
std::string_view name_of(Weights weights) {
  return weights == Weights::ema ? "ema" : "raw";
}

void add_optimizer(const optim::OptimizerOptions& optimizer, Pairs& pairs) {
  pairs.emplace_back("optimizer.name", optim::name_of(optimizer.kind));
  pairs.emplace_back("optimizer.momentum", text(optimizer.momentum));
  pairs.emplace_back("optimizer.nesterov", text(optimizer.nesterov));
  pairs.emplace_back("optimizer.beta1", text(optimizer.beta1));
  pairs.emplace_back("optimizer.beta2", text(optimizer.beta2));
  pairs.emplace_back("optimizer.epsilon", text(optimizer.epsilon));
  pairs.emplace_back("optimizer.weight_decay", text(optimizer.weight_decay));
  pairs.emplace_back("optimizer.trust", text(optimizer.trust));
  pairs.emplace_back("optimizer.clip_norm", text(optimizer.clip_norm));
}

void add_schedule(const Recipe& recipe, Pairs& pairs) {
  const optim::ScheduleOptions& schedule = recipe.schedule;
  pairs.emplace_back("schedule.name", optim::name_of(schedule.kind));
  pairs.emplace_back("schedule.learning_rate", text(schedule.learning_rate));
  pairs.emplace_back("schedule.minimum", text(schedule.minimum));
  pairs.emplace_back("schedule.warmup_epochs", text(recipe.warmup_epochs));
  pairs.emplace_back("schedule.step_epochs", text(recipe.step_epochs));
  pairs.emplace_back("schedule.gamma", text(schedule.gamma));
  pairs.emplace_back("schedule.rise_fraction", text(schedule.rise_fraction));
  pairs.emplace_back("schedule.start_divisor", text(schedule.start_divisor));
  pairs.emplace_back("schedule.final_divisor", text(schedule.final_divisor));
}

void add_augmentation(const data::AugmentOptions& augment, Pairs& pairs) {
  pairs.emplace_back("augment.flip", text(augment.flip));
  pairs.emplace_back("augment.quarter_turns", text(augment.quarter_turns));
  pairs.emplace_back("augment.shift", concat(augment.shift));
  pairs.emplace_back("augment.brightness", text(augment.brightness));
  pairs.emplace_back("augment.contrast", text(augment.contrast));
  pairs.emplace_back("augment.colour", text(augment.colour));
}

const std::string* find(const Pairs& pairs, const std::string& key) {
  const auto found =
      std::find_if(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.first == key; });
  return found == pairs.end() ? nullptr : &found->second;
}

}  // namespace

Recipe resolved(const Recipe& recipe, const data::Dataset& dataset) {
  const auto samples = static_cast<double>(dataset.indices(data::Split::train).size());
  if (samples < 1)
    throw DataError(concat("train on ", dataset.path().string(), ": it has no training samples"));
  const auto batch = static_cast<double>(std::max<std::int64_t>(1, recipe.batch_size));
  const auto steps = [&](double epochs) { return epochs * samples / batch; };
  // Epochs are bounded by problems(); what comes here earlier must still be a defined number on every
  // machine.
  const auto whole = [](double value) {
    return value >= 0x1p53 ? std::int64_t{1} << 53 : value > 0 ? static_cast<std::int64_t>(value) : 0;
  };
  const auto nearest = [&](double value) { return whole(std::floor(value + 0.5)); };

  Recipe full = recipe;
  full.model.classes = static_cast<int>(dataset.classes().size());
  full.model.input = dataset.image_shape();
  full.schedule.total_steps =
      recipe.steps > 0 ? recipe.steps : std::max<std::int64_t>(1, whole(std::ceil(steps(recipe.epochs))));
  full.schedule.warmup_steps = nearest(steps(recipe.warmup_epochs));
  full.schedule.step_size = std::max<std::int64_t>(1, nearest(steps(recipe.step_epochs)));
  return full;
}

std::int64_t run_steps(const Recipe& recipe) {
  const std::int64_t left = recipe.schedule.total_steps - recipe.schedule_start;
  return recipe.max_steps > 0 ? std::min(left, recipe.max_steps) : left;
}

Digest training_data_digest(const data::Dataset& dataset) {
  Sha256 hash;
  const auto update = [&](const Digest& digest) { hash.update(std::as_bytes(std::span(digest))); };
  hash.update_field("cohort-training-data");
  update(dataset.digest());
  for (const auto split : {data::Split::train, data::Split::validation})
    update(dataset.subset_digest(dataset.indices(split)));
  hash.update_u64(dataset.classes().size());
  for (const std::string& name : dataset.classes()) hash.update_field(name);
  for (const auto* values : {&dataset.normalization().mean, &dataset.normalization().standard_deviation})
    for (const double value : *values) hash.update_u64(std::bit_cast<std::uint64_t>(value));
  return hash.finish();
}

Pairs recipe_text(const Recipe& recipe) {
  const Shape& input = recipe.model.input;
  Pairs pairs;
  pairs.emplace_back("seed", concat(recipe.seed));
  pairs.emplace_back("epochs", text(recipe.epochs));
  pairs.emplace_back("max_steps", concat(recipe.max_steps));
  // Most runs have none of these: their text stays as it was before there were any.
  if (recipe.steps != 0) pairs.emplace_back("steps", concat(recipe.steps));
  if (recipe.schedule_start != 0) pairs.emplace_back("schedule_start", concat(recipe.schedule_start));
  if (!recipe.start_model.empty()) pairs.emplace_back("start_model", recipe.start_model);
  pairs.emplace_back("batch_size", concat(recipe.batch_size));
  pairs.emplace_back("micro_batch", concat(recipe.micro_batch));
  pairs.emplace_back("label_smoothing", text(recipe.label_smoothing));
  pairs.emplace_back("class_weights", name_of(recipe.class_weights));
  pairs.emplace_back("sampling", name_of(recipe.sampling));
  pairs.emplace_back("statistic_momentum", text(recipe.statistic_momentum));
  pairs.emplace_back("ema_decay", text(recipe.ema_decay));
  pairs.emplace_back("validate_weights", name_of(recipe.validate));
  pairs.emplace_back("model.name", recipe.model.name);
  pairs.emplace_back("model.stem", recipe.model.stem);
  pairs.emplace_back("model.classes", concat(recipe.model.classes));
  pairs.emplace_back("model.input", concat(input.channels, "x", input.height, "x", input.width));
  add_optimizer(recipe.optimizer, pairs);
  add_schedule(recipe, pairs);
  add_augmentation(recipe.augment, pairs);
  return pairs;
}

std::vector<std::string> recipe_differences(const Pairs& first, const Pairs& second,
                                            const DifferenceWords& words) {
  constexpr std::string_view absent = "(absent)";
  const auto line = [&](const std::string& key, std::string_view one, std::string_view other) {
    return concat(key, ": ", words.first, one, ", ", words.second, other);
  };
  std::vector<std::string> lines;
  for (const auto& [key, value] : first) {
    const std::string* other = find(second, key);
    if (!other || *other != value) lines.push_back(line(key, value, other ? *other : absent));
  }
  for (const auto& [key, value] : second)
    if (!find(first, key)) lines.push_back(line(key, absent, value));
  return lines;
}

}  // namespace cohort::train
