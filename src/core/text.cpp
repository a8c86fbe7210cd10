#include "cohort/core/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "cohort/core/error.hpp"

namespace cohort {
namespace {

char lower_ascii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Levenshtein's distance: the fewest insertions, deletions and replacements that turn one into the other.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

template <typename Number>
std::optional<Number> parse_whole(std::string_view text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

/// A non-negative finite decimal number in front, the rest as its unit; nothing when there is no number.
struct Quantity {
  double number;
  std::string unit;
};

std::optional<Quantity> parse_quantity(std::string_view text) {
  const std::size_t digits = text.find_first_not_of("0123456789.");
  const std::string_view number = text.substr(0, digits);
  const auto value = parse_double(number);
  if (!value) return std::nullopt;
  return Quantity{*value, digits == std::string_view::npos ? std::string() : trim(text.substr(digits))};
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "H:MM:SS" or "MM:SS"; nothing when malformed.
std::optional<double> parse_clock_s(std::string_view text) {
  const std::vector<std::string> fields = split(text, ':');
  if (fields.size() > 3) return std::nullopt;
  double seconds = 0;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto value = all_digits(fields[i]) ? parse_int(fields[i]) : std::nullopt;
    if (!value || (i > 0 && (fields[i].size() != 2 || *value > 59))) return std::nullopt;
    seconds = seconds * 60 + static_cast<double>(*value);
  }
  return seconds;
}

}  // namespace

std::string format_shortest(double value) {
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  std::string text(buffer.data(), result.ptr);
  if (text.ends_with("nan")) return "nan";  // the sign of a NaN says nothing
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::string format_fixed(double value, int decimals) {
  // The largest double has 309 digits before the point.
  std::array<char, 512> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                    std::chars_format::fixed, std::clamp(decimals, 0, 100));
  return {buffer.data(), result.ptr};
}

std::optional<double> parse_double(std::string_view text) {
  return parse_whole<double>(text);
}
std::optional<std::int64_t> parse_int(std::string_view text) {
  return parse_whole<std::int64_t>(text);
}

std::string joined(std::span<const std::string> texts, std::string_view separator) {
  std::string whole;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) whole += separator;
    whole += texts[i];
  }
  return whole;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> fields;
  while (true) {
    const std::size_t end = text.find(separator);
    fields.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return fields;
    text.remove_prefix(end + 1);
  }
}

std::string to_lower_ascii(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), lower_ascii);
  return lower;
}

std::string trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return std::string(text);
}

std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates) {
  std::optional<std::string> nearest;
  std::size_t limit = name.size() / 3 + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate);
    if (nearest ? distance < limit : distance <= limit) {
      nearest = candidate;
      limit = distance;
    }
  }
  return nearest;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> candidates) {
  const auto near = nearest_name(name, candidates);
  return near ? concat("; did you mean '", *near, "'?") : std::string();
}

double parse_duration_s(std::string_view text) {
  const std::string trimmed = trim(text);
  if (trimmed.find(':') != std::string::npos) {
    if (const auto seconds = parse_clock_s(trimmed)) return *seconds;
  } else if (const auto quantity = parse_quantity(trimmed)) {
    const auto& [number, unit] = *quantity;
    if (unit.empty() || unit == "s") return number;
    if (unit == "min") return number * 60;
    if (unit == "h") return number * 3600;
  }
  throw UsageError(
      concat("'", text, "' is not a duration; write 1:30:00, 90:00, 90s, 15min, 2h or plain seconds"));
}

std::uint64_t parse_bytes(std::string_view text) {
  struct Unit {
    std::string_view name;
    double bytes;
  };
  static constexpr Unit units[] = {{"", 1},         {"b", 1},       {"kb", 1e3},     {"mb", 1e6},
                                   {"gb", 1e9},     {"tb", 1e12},   {"kib", 0x1p10}, {"mib", 0x1p20},
                                   {"gib", 0x1p30}, {"tib", 0x1p40}};
  const std::string trimmed = trim(text);
  if (all_digits(trimmed)) {
    if (const auto count = parse_int(trimmed)) return static_cast<std::uint64_t>(*count);
  } else if (const auto quantity = parse_quantity(trimmed)) {
    const std::string unit = to_lower_ascii(quantity->unit);
    for (const Unit& known : units) {
      const double bytes = quantity->number * known.bytes;
      if (unit == known.name && bytes < 0x1p63) return static_cast<std::uint64_t>(bytes);
    }
  }
  throw UsageError(concat("'", text, "' is not a size in bytes; write 512MiB, 2GiB or plain bytes"));
}

}  // namespace cohort
