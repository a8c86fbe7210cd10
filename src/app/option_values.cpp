#include "option_values.hpp"

#include <cmath>
#include <limits>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::app {

std::string_view name_of(Literal literal) {
  switch (literal) {
    case Literal::boolean:
      return "true or false";
    case Literal::integer:
      return "a whole number";
    case Literal::number:
      return "a number";
    case Literal::text:
      return "text in quotes";
    case Literal::list:
      return "a list";
    case Literal::numbers:
      return "a list of numbers";
    case Literal::quantity:
      return "a quantity";
    case Literal::other:
      break;
  }
  return "a value of another kind";
}

bool accepts(Literal wanted, Literal found) {
  if (wanted == found) return true;
  if (wanted == Literal::number) return found == Literal::integer;
  if (wanted == Literal::quantity)
    return found == Literal::text || found == Literal::integer || found == Literal::number;
  if (wanted == Literal::numbers) return found == Literal::integer || found == Literal::number;
  return wanted == Literal::list && found == Literal::text;
}

namespace {
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string plain(double value) {
  if (std::abs(value) < 1e15 && value == std::floor(value))
    return std::to_string(static_cast<long long>(value));
  return format_shortest(value);
}

std::string words_of(const Range& range) {
  // Limits of the machine's integers are no news to anyone.
  const bool has_high = range.high < 9e15;
  const bool has_low = range.low > -9e15;
  if (has_low && has_high && !range.is_low_open && !range.is_high_open)
    return concat("from ", plain(range.low), " to ", plain(range.high));
  std::string words;
  if (has_low) words += concat(range.is_low_open ? "above " : "at least ", plain(range.low));
  if (has_high)
    words += concat(has_low ? " and " : "", range.is_high_open ? "below " : "at most ", plain(range.high));
  return words;
}

[[noreturn]] void refuse(std::string_view expected, const std::string& text) {
  throw UsageError(concat("expected ", expected, ", got '", text, "'"));
}

void check(double value, const Range& range, std::string_view kind, const std::string& text) {
  const bool is_low = range.is_low_open ? !(value > range.low) : !(value >= range.low);
  const bool is_high = range.is_high_open ? !(value < range.high) : !(value <= range.high);
  if (is_low || is_high) refuse(concat(kind, " ", words_of(range)), text);
}
}  // namespace

Range at_least(double low) {
  return {low, kInfinity, false, true};
}
Range above(double low) {
  return {low, kInfinity, true, true};
}
Range between(double low, double high) {
  return {low, high};
}
Range fraction_below_one() {
  return {0, 1, false, true};
}

std::int64_t read_integer(const std::string& text, const Range& range) {
  const auto value = parse_int(text);
  const bool is_too_large = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  if (!value) refuse(is_too_large ? "a whole number up to 9223372036854775807" : "a whole number", text);
  check(static_cast<double>(*value), range, "a whole number", text);
  return *value;
}

double read_number(const std::string& text, const Range& range) {
  const auto value = parse_double(text);
  if (!value || !std::isfinite(*value)) refuse("a number", text);
  check(*value, range, "a number", text);
  return *value;
}

bool read_boolean(const std::string& text) {
  const std::string word = to_lower_ascii(text);
  if (word == "on" || word == "true" || word == "yes") return true;
  if (word == "off" || word == "false" || word == "no") return false;
  refuse("on or off", text);
}

std::size_t read_word(const std::string& text, std::span<const std::string> words) {
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == text) return i;
  std::string expected = words.size() > 1 ? "one of " : "";
  expected += joined(words, ", ");
  throw UsageError(concat("expected ", expected, ", got '", text, "'", did_you_mean(text, words)));
}

std::string toml_text(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      constexpr std::string_view kDigits = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      result += "\\u00";
      result += kDigits[byte >> 4];
      result += kDigits[byte & 15];
    } else {
      result += c;
    }
  }
  return result + '"';
}

}  // namespace cohort::app
