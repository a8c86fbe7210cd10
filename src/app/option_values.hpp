// From the text of one option to its value, and back to TOML.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::app {

/// What a job file holds at a key, and what an option wants there.
enum class Literal { boolean, integer, number, text, list, numbers, quantity, other };

/// "a number", for messages.
std::string_view name_of(Literal literal);
/// Whether an option that wants `wanted` takes `found`: a number may be written as an integer, a quantity
/// (duration, size) as text or number, a list of one as its element.
bool accepts(Literal wanted, Literal found);

/// Bounds of a number, inclusive unless said otherwise.
struct Range {
  double low, high;
  bool is_low_open = false;   ///< the value must be above low
  bool is_high_open = false;  ///< the value must be below high
};
Range at_least(double low);
Range above(double low);
Range between(double low, double high);
/// 0 <= x < 1.
Range fraction_below_one();

/// Each throws UsageError("expected …, got …").
std::int64_t read_integer(const std::string& text, const Range& range);
double read_number(const std::string& text, const Range& range);
bool read_boolean(const std::string& text);
/// Index in `words`.
std::size_t read_word(const std::string& text, std::span<const std::string> words);

std::string toml_text(std::string_view text);

}  // namespace cohort::app
