#include "cohort/explore/search_space.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "cohort/core/error.hpp"
#include "cohort/core/exact_math.hpp"
#include "cohort/core/text.hpp"
#include "cohort/train/recipe_setting.hpp"

namespace cohort::explore {
namespace {

constexpr std::array<std::string_view, 4> kScales{"log", "linear", "integer", "choice"};
/// What tells a run from another, or follows from the data: never tried out.
constexpr std::array<std::string_view, 3> kFixedKeys{"seed", "model.classes", "model.input"};
/// The task's round_steps sets these: whatever was proposed would be without effect.
constexpr std::array<std::string_view, 5> kCourseKeys{"epochs", "max_steps", "steps", "schedule_start",
                                                      "start_model"};
/// Integers stay exact in double far beyond this; a range above it is a mistake.
constexpr double kLargestInteger = 1e9;

/// The nearest double of six significant decimal digits, kept inside [low, high].
double six_digits(double value, double low, double high) {
  std::array<char, 64> text{};
  const auto written =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific, 5);
  double read = value;
  std::from_chars(text.data(), written.ptr, read);
  return std::clamp(read, low, high);
}

std::int64_t part_at(double place, std::int64_t parts) {
  const double part = std::floor(std::clamp(place, 0.0, 1.0) * static_cast<double>(parts));
  return std::min(static_cast<std::int64_t>(part), parts - 1);
}

double middle(std::int64_t part, std::int64_t parts) {
  return (static_cast<double>(part) + 0.5) / static_cast<double>(parts);
}

/// "log(1e-3, 3e-1)" taken apart.
struct Call {
  std::string name;
  std::vector<std::string> arguments;
};
std::optional<Call> call_of(std::string_view text) {
  const std::string whole = trim(text);
  const std::size_t open = whole.find('(');
  if (open == std::string::npos || whole.back() != ')') return std::nullopt;
  Call call{trim(std::string_view(whole).substr(0, open)), {}};
  const std::string_view inside = std::string_view(whole).substr(open + 1, whole.size() - open - 2);
  if (inside.find_first_of("()") != std::string_view::npos) return std::nullopt;
  for (const std::string& argument : split(inside, ',')) call.arguments.push_back(trim(argument));
  return call;
}

Scale scale_of(const std::string& name) {
  const auto found = std::find(kScales.begin(), kScales.end(), name);
  if (found != kScales.end()) return static_cast<Scale>(found - kScales.begin());
  const std::vector<std::string> known(kScales.begin(), kScales.end());
  throw UsageError(concat("there is no scale '", name, "'", did_you_mean(name, known),
                          " (known: ", joined(known, ", "), ")"));
}

void read_choices(const Call& call, Dimension& dimension) {
  dimension.choices = call.arguments;
  std::vector<std::string> sorted = call.arguments;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) throw UsageError(concat("'", *twice, "' is given twice"));
  if (call.arguments.size() < 2) throw UsageError("a choice needs at least two values");
}

void read_range(const Call& call, Dimension& dimension) {
  if (call.arguments.size() != 2) throw UsageError("expected two numbers, the least and the greatest value");
  std::array<double, 2> ends{};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto number = parse_double(call.arguments[i]);
    if (!number || !std::isfinite(*number))
      throw UsageError(concat("'", call.arguments[i], "' is not a number"));
    ends[i] = *number;
  }
  dimension.low = ends[0];
  dimension.high = ends[1];
  if (ends[0] >= ends[1])
    throw UsageError(
        concat("the least value ", call.arguments[0], " is not below the greatest, ", call.arguments[1]));
  if (dimension.scale == Scale::log && ends[0] <= 0)
    throw UsageError(concat("a logarithmic range must lie above 0, it starts at ", call.arguments[0]));
  if (dimension.scale != Scale::integer) return;
  for (std::size_t i = 0; i < 2; ++i)
    if (ends[i] != std::floor(ends[i]) || std::fabs(ends[i]) > kLargestInteger)
      throw UsageError(concat("'", call.arguments[i], "' is not an integer of at most 1e9"));
}

/// Values that stand for all: every choice, or both ends and a place that no round number has.
void require_accepted(const Dimension& dimension) {
  std::vector<std::string> values = dimension.choices;
  if (dimension.scale != Scale::choice) values = {dimension.at(0), dimension.at(0.314159), dimension.at(1)};
  for (const std::string& value : values) {
    train::Recipe recipe;
    train::apply_setting(recipe, dimension.key, value);
  }
}

Dimension dimension_of(const std::string& name, const std::string& text) {
  Dimension dimension;
  dimension.key = train::canonical_key(name);
  if (std::find(kFixedKeys.begin(), kFixedKeys.end(), dimension.key) != kFixedKeys.end())
    throw UsageError(
        concat(dimension.key, " says which run this is, not how to train; it cannot be explored"));
  if (std::find(kCourseKeys.begin(), kCourseKeys.end(), dimension.key) != kCourseKeys.end())
    throw UsageError(
        concat(dimension.key, " cannot be explored: all candidates train for the round's steps"));
  const auto call = call_of(text);
  if (!call)
    throw UsageError(concat("cannot read '", text,
                            "'; write log(1e-3, 0.3), linear(0, 0.3), integer(1, 4) or "
                            "choice(sgd, adamw)"));
  dimension.scale = scale_of(call->name);
  if (dimension.scale == Scale::choice)
    read_choices(*call, dimension);
  else
    read_range(*call, dimension);
  require_accepted(dimension);
  return dimension;
}

}  // namespace

std::int64_t Dimension::parts() const {
  if (scale == Scale::choice) return static_cast<std::int64_t>(choices.size());
  return scale == Scale::integer ? static_cast<std::int64_t>(high - low) + 1 : 0;
}

std::string Dimension::at(double place) const {
  const double inside = std::clamp(place, 0.0, 1.0);
  switch (scale) {
    case Scale::choice:
      return choices[static_cast<std::size_t>(part_at(place, parts()))];
    case Scale::integer:
      return concat(static_cast<std::int64_t>(low) + part_at(place, parts()));
    case Scale::log: {
      const double from = exact::log(low), to = exact::log(high);
      return format_shortest(six_digits(exact::exp(from + (to - from) * inside), low, high));
    }
    case Scale::linear:
      return format_shortest(six_digits(low + (high - low) * inside, low, high));
  }
  return {};
}

double Dimension::place_of(std::string_view value) const {
  const auto refuse = [&]() -> DataError {
    return DataError(concat("search space: ", key, " = '", value, "' is not one of its values"));
  };
  if (scale == Scale::choice) {
    const auto found = std::find(choices.begin(), choices.end(), value);
    if (found == choices.end()) throw refuse();
    return middle(found - choices.begin(), parts());
  }
  const auto number = parse_double(value);
  if (!number || !(*number >= low && *number <= high)) throw refuse();
  if (scale == Scale::integer) {
    if (*number != std::floor(*number)) throw refuse();
    return middle(static_cast<std::int64_t>(*number - low), parts());
  }
  if (scale == Scale::linear) return (*number - low) / (high - low);
  const double from = exact::log(low), to = exact::log(high);
  return std::clamp((exact::log(*number) - from) / (to - from), 0.0, 1.0);
}

SearchSpace SearchSpace::parse(std::span<const std::pair<std::string, std::string>> entries) {
  SearchSpace space;
  std::vector<std::string> problems;
  for (const auto& [name, text] : entries) {
    try {
      Dimension dimension = dimension_of(name, text);
      const auto same = [&](const Dimension& other) { return other.key == dimension.key; };
      if (std::any_of(space.dimensions_.begin(), space.dimensions_.end(), same))
        throw UsageError(concat(dimension.key, " is given twice"));
      space.dimensions_.push_back(std::move(dimension));
    } catch (const UsageError& error) {
      problems.push_back(concat(name, ": ", error.what()));
    }
  }
  if (!problems.empty()) throw UsageError(concat("search space: ", joined(problems, "; ")));
  std::sort(space.dimensions_.begin(), space.dimensions_.end(),
            [](const Dimension& a, const Dimension& b) { return a.key < b.key; });
  return space;
}

}  // namespace cohort::explore
