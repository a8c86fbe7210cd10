#include "cohort/train/recipe_setting.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "cohort/core/error.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/core/text.hpp"

namespace cohort::train {
namespace {

template <typename T>
T one_of(RandomSequence& random, const std::vector<T>& values) {
  return values[random.below(values.size())];
}

void randomise_training(Recipe& recipe, RandomSequence& random) {
  recipe.model.name = one_of(random, nn::model_names());
  recipe.model.stem = one_of<std::string>(random, {"imagenet", "cifar", ""});
  recipe.model.classes = 2 + static_cast<int>(random.below(30));
  recipe.model.input = {3, 20 + static_cast<int>(random.below(200)),
                        20 + static_cast<int>(random.below(200))};
  recipe.seed = random.next_u64();
  recipe.batch_size = 1 + static_cast<std::int64_t>(random.below(4096));
  recipe.micro_batch = 1 + static_cast<std::int64_t>(random.below(64));
  recipe.epochs = random.uniform(0.01, 90);
  recipe.max_steps = static_cast<std::int64_t>(random.below(1 << 30));
  recipe.warmup_epochs = random.uniform();
  recipe.step_epochs = random.uniform(0.1, 40);
  recipe.label_smoothing = random.uniform();
  recipe.class_weights = one_of<ClassWeights>(random, {ClassWeights::none, ClassWeights::balanced});
  recipe.sampling = one_of<data::Sampling>(random, {data::Sampling::shuffled, data::Sampling::balanced});
  recipe.statistic_momentum = 1 - random.uniform();
  recipe.ema_decay = random.uniform();
  recipe.validate = one_of<Weights>(random, {Weights::raw, Weights::ema});
}

Recipe random_recipe(std::uint64_t draw) {
  RandomSequence random(8, Stream::test_inputs, draw);
  Recipe recipe;
  randomise_training(recipe, random);
  using optim::OptimizerKind;
  using optim::ScheduleKind;
  recipe.optimizer = {
      .kind = one_of(random, std::vector{OptimizerKind::sgd, OptimizerKind::adamw, OptimizerKind::lars}),
      .momentum = random.uniform(),
      .nesterov = random.below(2) == 1,
      .beta1 = random.uniform(),
      .beta2 = random.uniform(),
      .epsilon = std::ldexp(1 - random.uniform(), -static_cast<int>(random.below(60))),
      .weight_decay = std::ldexp(random.uniform(), -static_cast<int>(random.below(30))),
      .trust = 1 - random.uniform(),
      .clip_norm = random.uniform(0, 10)};
  recipe.schedule.kind = one_of(random, std::vector{ScheduleKind::constant, ScheduleKind::cosine,
                                                    ScheduleKind::step, ScheduleKind::one_cycle});
  recipe.schedule.learning_rate = std::ldexp(1 - random.uniform(), -static_cast<int>(random.below(20)));
  recipe.schedule.minimum = random.uniform();
  recipe.schedule.gamma = 1 - random.uniform();
  recipe.steps = 1 + static_cast<std::int64_t>(random.below(3));
  recipe.schedule_start = 1 + static_cast<std::int64_t>(random.below(3));
  recipe.start_model = std::string(64, "0123456789abcdef"[random.below(16)]);
  recipe.schedule.rise_fraction = random.uniform(0.01, 0.99);
  recipe.schedule.start_divisor = random.uniform(1, 100);
  recipe.schedule.final_divisor = random.uniform(1, 1e6);
  recipe.augment = {random.below(2) == 1, random.below(2) == 1, static_cast<int>(random.below(4097)),
                    random.uniform(),     random.uniform(),     random.uniform()};
  return recipe;
}

std::string refusal(const std::function<void()>& run) {
  try {
    run();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(RecipeSetting, ReadsBackWhatRecipeTextWrites) {
  for (std::uint64_t draw = 0; draw < 500; ++draw) {
    auto pairs = recipe_text(random_recipe(draw));
    EXPECT_EQ(recipe_text(recipe_from_text(pairs)), pairs) << draw;
    const auto expected = pairs;
    std::reverse(pairs.begin(), pairs.end());
    EXPECT_EQ(recipe_text(recipe_from_text(pairs)), expected) << draw;
  }
}

TEST(RecipeSetting, DoesNotMissWhatOrdinaryRunsLeaveOut) {
  const auto pairs = recipe_text(Recipe{});
  EXPECT_EQ(recipe_text(recipe_from_text(pairs)), pairs);
}

TEST(RecipeSetting, KnowsEveryKeyInOrder) {
  std::vector<std::string> keys;
  Recipe in_rounds;  // shows the keys that ordinary runs leave out
  in_rounds.steps = in_rounds.schedule_start = 1;
  in_rounds.start_model = std::string(64, 'a');
  for (const auto& [key, value] : recipe_text(in_rounds)) keys.push_back(key);
  EXPECT_EQ(recipe_keys(), keys);
}

TEST(RecipeSetting, ChangesOneFieldOnly) {
  Recipe in_rounds;
  in_rounds.steps = in_rounds.schedule_start = 1;
  in_rounds.start_model = std::string(64, 'a');
  const auto before = recipe_text(in_rounds);
  for (std::size_t i = 0; i < before.size(); ++i) {
    Recipe recipe = in_rounds;
    std::string value;
    for (std::uint64_t draw = 0; value.empty() || value == before[i].second; ++draw)
      value = recipe_text(random_recipe(draw))[i].second;
    apply_setting(recipe, before[i].first, value);
    auto expected = before;
    expected[i].second = value;
    EXPECT_EQ(recipe_text(recipe), expected) << before[i].first;
  }
}

TEST(RecipeSetting, TakesShortNames) {
  EXPECT_EQ(canonical_key("lr"), "schedule.learning_rate");
  EXPECT_EQ(canonical_key("weight-decay"), "optimizer.weight_decay");
  EXPECT_EQ(canonical_key("weight_decay"), "optimizer.weight_decay");
  EXPECT_EQ(canonical_key("smoothing"), "label_smoothing");
  EXPECT_EQ(canonical_key("sampler"), "sampling");
  EXPECT_EQ(canonical_key("optimizer"), "optimizer.name");
  EXPECT_EQ(canonical_key("augment-turns"), "augment.quarter_turns");
  for (const std::string& key : recipe_keys()) EXPECT_EQ(canonical_key(key), key);
}

TEST(RecipeSetting, NamesTheNearestKey) {
  EXPECT_NE(refusal([] { canonical_key("weigth-decay"); }).find("did you mean 'weight-decay'"),
            std::string::npos);
  EXPECT_NE(refusal([] { canonical_key("schedule.learning_rte"); }).find("'schedule.learning_rate'"),
            std::string::npos);
  EXPECT_NE(refusal([] { canonical_key("learning_rate"); }).find("did you mean 'schedule.learning_rate'"),
            std::string::npos);
  EXPECT_EQ(refusal([] { canonical_key("name"); }).find("did you mean 'schedule.name'"), std::string::npos);
  Recipe recipe;
  EXPECT_NE(refusal([&] { apply_setting(recipe, "label_smothing", "0"); }).find("'label_smoothing'"),
            std::string::npos);
  EXPECT_FALSE(refusal([&] { canonical_key(""); }).empty());
}

TEST(RecipeSetting, RefusesWhatIsNoValue) {
  const std::pair<const char*, const char*> cases[] = {{"schedule.learning_rate", "0"},
                                                       {"schedule.learning_rate", "0.1x"},
                                                       {"schedule.learning_rate", ""},
                                                       {"schedule.learning_rate", "nan"},
                                                       {"schedule.learning_rate", "inf"},
                                                       {"optimizer.weight_decay", "inf"},
                                                       {"optimizer.momentum", "1"},
                                                       {"label_smoothing", "-0.1"},
                                                       {"batch_size", "12.5"},
                                                       {"batch_size", "0"},
                                                       {"batch_size", " 12"},
                                                       {"seed", "-1"},
                                                       {"seed", "18446744073709551616"},
                                                       {"optimizer.name", "adam"},
                                                       {"optimizer.nesterov", "yes"},
                                                       {"model.input", "3x28"},
                                                       {"model.input", "3x28x0"},
                                                       {"model.name", "resnet19"},
                                                       {"augment.shift", "5000"},
                                                       {"validate_weights", "EMA"},
                                                       {"model.classes", "1"}};
  for (const auto& [key, value] : cases) {
    Recipe recipe;
    const std::string words = refusal([&, &key = key, &value = value] { apply_setting(recipe, key, value); });
    EXPECT_NE(words.find(concat(key, " = '", value, "': expected ")), std::string::npos)
        << key << " " << value;
    EXPECT_EQ(recipe_text(recipe), recipe_text(Recipe{})) << key;
  }
}

TEST(RecipeSetting, TellsAllProblemsOfAText) {
  auto pairs = recipe_text(Recipe{});
  pairs[1].second = "many";
  pairs[2].first = "max_stops";
  pairs.push_back(pairs[0]);
  const std::string words = refusal([&] { recipe_from_text(pairs); });
  for (const char* part : {"epochs = 'many'", "'max_stops'; did you mean 'max_steps'", "seed is given twice",
                           "max_steps is missing"})
    EXPECT_NE(words.find(part), std::string::npos) << part << " in " << words;
}

}  // namespace
}  // namespace cohort::train
