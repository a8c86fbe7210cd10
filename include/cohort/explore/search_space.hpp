// What may be tried: for each hyper-parameter its range and scale.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cohort::explore {

/// Values for some keys of a recipe, as text: ("schedule.learning_rate", "0.0312").
using Setting = std::vector<std::pair<std::string, std::string>>;

enum class Scale { log, linear, integer, choice };

struct Dimension {
  std::string key;  ///< canonical recipe key, "schedule.learning_rate"
  Scale scale = Scale::linear;
  double low = 0, high = 1;          ///< inclusive; unused for choice
  std::vector<std::string> choices;  ///< for choice: recipe values as text

  /// The value at a place in [0, 1] (choice and integer: equal parts), as text that the recipe reads: numbers
  /// with six significant digits, inside the range. Exact math only. Ensures at(place_of(v)) = v for v =
  /// at(x).
  [[nodiscard]] std::string at(double place) const;
  /// The place of a value, the middle of its part for choice and integer; throws DataError for a foreign one.
  [[nodiscard]] double place_of(std::string_view value) const;
  /// Values of a choice or integer; 0 for log and linear, which have no end of them.
  [[nodiscard]] std::int64_t parts() const;
};

/// Dimensions sorted by key.
class SearchSpace {
 public:
  /// From (key, text) pairs such as ("lr", "log(1e-3, 3e-1)"), "linear(0, 0.3)", "integer(1, 4)",
  /// "choice(sgd, adamw)". Keys are recipe keys or the short names of the command line. Throws UsageError
  /// with all problems at once: unknown keys (with the nearest), empty or reversed ranges, log of zero,
  /// values that the recipe refuses, keys that identify the run rather than describe training (seed,
  /// classes).
  static SearchSpace parse(std::span<const std::pair<std::string, std::string>> entries);
  [[nodiscard]] const std::vector<Dimension>& dimensions() const { return dimensions_; }
  [[nodiscard]] bool empty() const { return dimensions_.empty(); }

 private:
  std::vector<Dimension> dimensions_;
};

}  // namespace cohort::explore
