#include "cohort/train/recipe_setting.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::train {
namespace {

/// Puts a value into its field; throws UsageError that says only what was expected.
using Assign = std::function<void(Recipe&, std::string_view)>;

struct Entry {
  std::string_view key;
  std::string_view flag;  ///< the command line's name; empty where it has none
  Assign assign;
};

/// Bounds of a number, inclusive unless open.
struct Range {
  double low, high;
  bool is_low_open = false, is_high_open = false;

  [[nodiscard]] bool holds(double x) const {
    return std::isfinite(x) && (is_low_open ? x > low : x >= low) && (is_high_open ? x < high : x <= high);
  }
  [[nodiscard]] std::string text() const {
    const std::string from = concat(is_low_open ? "above " : "from ", low);
    if (high == kNoLimit) return is_low_open ? from : concat(from, " up");
    return concat(from, is_high_open ? " to below " : " to ", high);
  }
  static constexpr double kNoLimit = std::numeric_limits<double>::infinity();
};
constexpr Range kFraction{0, 1, false, true};
constexpr Range kShare{0, 1, true};
constexpr Range kNotNegative{0, Range::kNoLimit};

Assign number(double& (*field)(Recipe&), Range range) {
  return [=](Recipe& recipe, std::string_view value) {
    const auto read = parse_double(value);
    if (!read || !range.holds(*read)) throw UsageError(concat("a number ", range.text()));
    field(recipe) = *read;
  };
}

template <typename T>
Assign integer(T& (*field)(Recipe&), T low, T high) {
  return [=](Recipe& recipe, std::string_view value) {
    T read{};
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), read);
    if (error != std::errc() || end != value.data() + value.size() || read < low || read > high)
      throw UsageError(concat("an integer from ", low, " to ", high));
    field(recipe) = read;
  };
}

Assign boolean(bool& (*field)(Recipe&)) {
  return [=](Recipe& recipe, std::string_view value) {
    if (value != "true" && value != "false") throw UsageError("true or false");
    field(recipe) = value == "true";
  };
}

/// One of the words; `set` gets its position.
Assign word(std::vector<std::string> words, std::function<void(Recipe&, std::size_t)> set) {
  return [words = std::move(words), set = std::move(set)](Recipe& recipe, std::string_view value) {
    const auto found = std::find(words.begin(), words.end(), value);
    if (found == words.end())
      throw UsageError(concat("one of '", joined(words, "', '"), "'", did_you_mean(value, words)));
    set(recipe, static_cast<std::size_t>(found - words.begin()));
  };
}

/// Words for the values of an enumeration, as its name_of writes them.
template <typename E>
Assign choice(std::vector<E> values, E& (*field)(Recipe&)) {
  std::vector<std::string> words;
  for (const E value : values) words.emplace_back(optim::name_of(value));
  return word(std::move(words), [=](Recipe& recipe, std::size_t i) { field(recipe) = values[i]; });
}

/// "3x28x28": channels, height, width.
void assign_input(Recipe& recipe, std::string_view value) {
  const std::vector<std::string> fields = split(value, 'x');
  std::vector<std::int64_t> sides;
  for (const std::string& field : fields) sides.push_back(parse_int(field).value_or(0));
  if (sides.size() != 3 || std::any_of(sides.begin(), sides.end(), [](auto n) { return n < 1 || n > 65536; }))
    throw UsageError("channels x height x width, as 3x28x28");
  recipe.model.input = {static_cast<int>(sides[0]), static_cast<int>(sides[1]), static_cast<int>(sides[2])};
}

/// 64 hexadecimal digits, in lower case as they are written.
void assign_digest(Recipe& recipe, std::string_view value) {
  const bool is_digest = value.size() == 64 && value.find_first_not_of("0123456789abcdef") == value.npos;
  if (!is_digest) throw UsageError("64 hexadecimal digits");
  recipe.start_model = value;
}

constexpr std::int64_t kMostSteps = std::int64_t{1} << 53;

std::vector<Entry> training_entries() {
  return {
      {"seed", "seed",
       integer<std::uint64_t>([](Recipe& r) -> std::uint64_t& { return r.seed; }, 0,
                              std::numeric_limits<std::uint64_t>::max())},
      {"epochs", "epochs", number([](Recipe& r) -> double& { return r.epochs; }, {0, 1e6, true})},
      {"max_steps", "max-steps",
       integer<std::int64_t>([](Recipe& r) -> std::int64_t& { return r.max_steps; }, 0, kMostSteps)},
      {"steps", "steps",
       integer<std::int64_t>([](Recipe& r) -> std::int64_t& { return r.steps; }, 0, kMostSteps)},
      {"schedule_start", "schedule-start",
       integer<std::int64_t>([](Recipe& r) -> std::int64_t& { return r.schedule_start; }, 0, kMostSteps)},
      {"start_model", "", assign_digest},
      {"batch_size", "batch-size",
       integer<std::int64_t>([](Recipe& r) -> std::int64_t& { return r.batch_size; }, 1, 1 << 24)},
      {"micro_batch", "micro-batch",
       integer<std::int64_t>([](Recipe& r) -> std::int64_t& { return r.micro_batch; }, 1, 1 << 16)},
      {"label_smoothing", "smoothing",
       number([](Recipe& r) -> double& { return r.label_smoothing; }, kFraction)},
      {"class_weights", "class-weights",
       word({"none", "balanced"},
            [](Recipe& r, std::size_t i) {
              r.class_weights = i ? ClassWeights::balanced : ClassWeights::none;
            })},
      {"sampling", "sampler",
       word({"shuffled", "balanced"},
            [](Recipe& r, std::size_t i) {
              r.sampling = i ? data::Sampling::balanced : data::Sampling::shuffled;
            })},
      {"statistic_momentum", "statistic-momentum",
       number([](Recipe& r) -> double& { return r.statistic_momentum; }, kShare)},
      {"ema_decay", "ema-decay", number([](Recipe& r) -> double& { return r.ema_decay; }, kFraction)},
      {"validate_weights", "validate-weights",
       word({"raw", "ema"}, [](Recipe& r, std::size_t i) { r.validate = i ? Weights::ema : Weights::raw; })},
  };
}

std::vector<Entry> model_entries() {
  return {
      {"model.name", "model",
       word(nn::model_names(),
            [names = nn::model_names()](Recipe& r, std::size_t i) { r.model.name = names[i]; })},
      {"model.stem", "stem",
       word({"imagenet", "cifar", ""},
            [](Recipe& r, std::size_t i) { r.model.stem = i == 0   ? "imagenet"
                                                          : i == 1 ? "cifar"
                                                                   : ""; })},
      {"model.classes", "", integer<int>([](Recipe& r) -> int& { return r.model.classes; }, 2, 1 << 20)},
      {"model.input", "", assign_input},
  };
}

std::vector<Entry> optimizer_entries() {
  using Kind = optim::OptimizerKind;
  return {
      {"optimizer.name", "optimizer",
       choice<Kind>({Kind::sgd, Kind::adamw, Kind::lars},
                    [](Recipe& r) -> Kind& { return r.optimizer.kind; })},
      {"optimizer.momentum", "momentum",
       number([](Recipe& r) -> double& { return r.optimizer.momentum; }, kFraction)},
      {"optimizer.nesterov", "nesterov", boolean([](Recipe& r) -> bool& { return r.optimizer.nesterov; })},
      {"optimizer.beta1", "beta1", number([](Recipe& r) -> double& { return r.optimizer.beta1; }, kFraction)},
      {"optimizer.beta2", "beta2", number([](Recipe& r) -> double& { return r.optimizer.beta2; }, kFraction)},
      {"optimizer.epsilon", "epsilon",
       number([](Recipe& r) -> double& { return r.optimizer.epsilon; }, kShare)},
      {"optimizer.weight_decay", "weight-decay",
       number([](Recipe& r) -> double& { return r.optimizer.weight_decay; }, kNotNegative)},
      {"optimizer.trust", "trust",
       number([](Recipe& r) -> double& { return r.optimizer.trust; }, {0, Range::kNoLimit, true})},
      {"optimizer.clip_norm", "clip-norm",
       number([](Recipe& r) -> double& { return r.optimizer.clip_norm; }, kNotNegative)},
  };
}

std::vector<Entry> schedule_entries() {
  using Kind = optim::ScheduleKind;
  return {
      {"schedule.name", "schedule",
       choice<Kind>({Kind::constant, Kind::cosine, Kind::step, Kind::one_cycle},
                    [](Recipe& r) -> Kind& { return r.schedule.kind; })},
      {"schedule.learning_rate", "lr",
       number([](Recipe& r) -> double& { return r.schedule.learning_rate; }, {0, 1e6, true})},
      {"schedule.minimum", "min-lr",
       number([](Recipe& r) -> double& { return r.schedule.minimum; }, kNotNegative)},
      {"schedule.warmup_epochs", "warmup-epochs",
       number([](Recipe& r) -> double& { return r.warmup_epochs; }, {0, 1e6})},
      {"schedule.step_epochs", "step-epochs",
       number([](Recipe& r) -> double& { return r.step_epochs; }, {0, 1e6, true})},
      {"schedule.gamma", "gamma", number([](Recipe& r) -> double& { return r.schedule.gamma; }, kShare)},
      {"schedule.rise_fraction", "rise-fraction",
       number([](Recipe& r) -> double& { return r.schedule.rise_fraction; }, {0, 1, true, true})},
      {"schedule.start_divisor", "start-divisor",
       number([](Recipe& r) -> double& { return r.schedule.start_divisor; }, {1, Range::kNoLimit})},
      {"schedule.final_divisor", "final-divisor",
       number([](Recipe& r) -> double& { return r.schedule.final_divisor; }, {1, Range::kNoLimit})},
  };
}

std::vector<Entry> augmentation_entries() {
  return {
      {"augment.flip", "augment-flip", boolean([](Recipe& r) -> bool& { return r.augment.flip; })},
      {"augment.quarter_turns", "augment-turns",
       boolean([](Recipe& r) -> bool& { return r.augment.quarter_turns; })},
      {"augment.shift", "augment-shift",
       integer<int>([](Recipe& r) -> int& { return r.augment.shift; }, 0, 4096)},
      {"augment.brightness", "augment-brightness",
       number([](Recipe& r) -> double& { return r.augment.brightness; }, {0, 1})},
      {"augment.contrast", "augment-contrast",
       number([](Recipe& r) -> double& { return r.augment.contrast; }, {0, 1})},
      {"augment.colour", "augment-colour",
       number([](Recipe& r) -> double& { return r.augment.colour; }, {0, 1})},
  };
}

/// All keys, in the order of recipe_text.
const std::vector<Entry>& entries() {
  static const std::vector<Entry> all = [] {
    std::vector<Entry> list;
    for (auto* part :
         {training_entries, model_entries, optimizer_entries, schedule_entries, augmentation_entries}) {
      const std::vector<Entry> some = part();
      list.insert(list.end(), some.begin(), some.end());
    }
    return list;
  }();
  return all;
}

const Entry& entry_of(std::string_view key) {
  for (const Entry& entry : entries())
    if (entry.key == key) return entry;
  throw UsageError(concat("recipe: there is no key '", key, "'", did_you_mean(key, recipe_keys())));
}

}  // namespace

std::vector<std::string> recipe_keys() {
  std::vector<std::string> keys;
  for (const Entry& entry : entries()) keys.emplace_back(entry.key);
  return keys;
}

std::string canonical_key(std::string_view name) {
  std::string flag(name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  std::vector<std::string> known, ending;
  for (const Entry& entry : entries()) {
    if (entry.key == name) return std::string(entry.key);
    known.emplace_back(entry.key);
    if (entry.key.ends_with(concat('.', name))) ending.emplace_back(entry.key);
  }
  for (const Entry& entry : entries()) {
    if (!entry.flag.empty() && entry.flag == flag) return std::string(entry.key);
    if (!entry.flag.empty()) known.emplace_back(entry.flag);
  }
  throw UsageError(concat(
      "there is no parameter '", name, "'",
      ending.size() == 1 ? concat("; did you mean '", ending.front(), "'?") : did_you_mean(name, known)));
}

void apply_setting(Recipe& recipe, std::string_view key, std::string_view value) {
  const Entry& entry = entry_of(key);
  try {
    entry.assign(recipe, value);
  } catch (const UsageError& expected) {
    throw UsageError(concat("recipe: ", key, " = '", value, "': expected ", expected.what()));
  }
}

/// Keys that few runs have; recipe_text leaves them out of the others.
static bool is_left_out_when_unset(std::string_view key) {
  return key == "steps" || key == "schedule_start" || key == "start_model";
}

Recipe recipe_from_text(std::span<const std::pair<std::string, std::string>> pairs) {
  Recipe recipe;
  std::vector<std::string> problems;
  std::set<std::string> seen;
  for (const auto& [key, value] : pairs) {
    if (!seen.insert(key).second) problems.push_back(concat("recipe: ", key, " is given twice"));
    try {
      apply_setting(recipe, key, value);
    } catch (const UsageError& error) {
      problems.emplace_back(error.what());
    }
  }
  for (const std::string& key : recipe_keys())
    if (!seen.contains(key) && !is_left_out_when_unset(key))
      problems.push_back(concat("recipe: ", key, " is missing"));
  if (!problems.empty()) throw UsageError(joined(problems, "; "));
  return recipe;
}

}  // namespace cohort::train
