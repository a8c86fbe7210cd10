// Text built and read without locale: concatenation, numbers, nearest names.
#pragma once

#include <charconv>
#include <cstdint>
#include <locale>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace cohort {

/// Joins the printed forms of all arguments (numbers in the classic locale).
template <typename... Parts>
std::string concat(const Parts&... parts) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  (out << ... << parts);
  return out.str();
}

/// Shortest decimal text that reads back to the same value; always has '.', 'e', "inf" or "nan".
std::string format_shortest(double value);

/// Fixed number of decimals, classic locale.
std::string format_fixed(double value, int decimals);

/// Reads the whole text as a number; nothing if any character is left over.
std::optional<double> parse_double(std::string_view text);
std::optional<std::int64_t> parse_int(std::string_view text);

/// The texts with `separator` between neighbours.
std::string joined(std::span<const std::string> texts, std::string_view separator);

/// Splits at each separator; empty fields are kept.
std::vector<std::string> split(std::string_view text, char separator);

/// A to Z made small; all else stays.
std::string to_lower_ascii(std::string_view text);
/// Without spaces, tabs and line ends at both ends.
std::string trim(std::string_view text);

/// The candidate with the smallest edit distance to `name`, or nothing when none is near
/// (distance above a third of the name's length plus one).
std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates);

/// "; did you mean 'cosine'?" for the nearest candidate, else nothing: how messages about unknown names end.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

/// "H:MM:SS", "MM:SS", "90s", "15min", "2h" or plain seconds → seconds; throws UsageError.
double parse_duration_s(std::string_view text);

/// "512MiB", "2GiB", "1.5GB", "1500000" → bytes (MiB counts in 1024s, MB in 1000s); throws UsageError.
std::uint64_t parse_bytes(std::string_view text);

}  // namespace cohort
