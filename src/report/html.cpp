#include "report/html.hpp"

#include <algorithm>

#include "cohort/core/text.hpp"

namespace cohort::report {
namespace {

constexpr std::size_t kMostDigits = 21;  // thousands of the largest coin in its smallest unit
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kNarrowSpace = "\xE2\x80\xAF";
constexpr std::string_view kDash = "\xE2\x80\x93";

/// A character of the text and the bytes that it takes; not valid: one byte that is no UTF-8.
struct Character {
  char32_t value = 0;
  std::size_t bytes = 1;
  bool is_valid = false;
};

Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1, true};
  const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + bytes > text.size()) return {};
  char32_t value = first & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    value = value << 6 | (byte(i) & 0x3FU);
  }
  const bool is_long = (bytes == 3 && value < 0x800) || (bytes == 4 && value < 0x10000);
  if (is_long || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {value, bytes, true};
}

/// What a reader could be misled by, or a browser could not show.
bool is_unwelcome(char32_t value) {
  return value < 0x20 || (value >= 0x7F && value < 0xA0) || (value >= 0x2028 && value <= 0x202E) ||
         (value >= 0x2066 && value <= 0x2069) || value == 0xFEFF || value == 0xFFFE || value == 0xFFFF;
}

std::string_view reference_of(char32_t value) {
  switch (value) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string html;
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    const std::string_view reference = character.is_valid ? reference_of(character.value) : "";
    if (!reference.empty())
      html += reference;
    else if (character.is_valid && (character.value == '\n' || character.value == '\t'))
      html += ' ';
    else if (!character.is_valid || is_unwelcome(character.value))
      html += kReplacement;
    else
      html += text.substr(at, character.bytes);
    at += character.bytes;
  }
  return html;
}

std::string element(std::string_view name, std::string_view attributes, std::string_view content) {
  return concat("<", name, attributes.empty() ? "" : " ", attributes, ">", content, "</", name, ">");
}

std::string foreign(std::string_view text) {
  return element("bdi", "", escaped(text));
}

std::string shortened(const Digest& digest) {
  if (digest == Digest{}) return std::string(kDash);
  const std::string hex = to_hex(digest);
  return element("code", concat("class=\"digest\" title=\"", hex, "\""), hex.substr(0, 12) + "\xE2\x80\xA6");
}

std::string grouped(std::string digits) {
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, kNarrowSpace);
  return digits;
}

std::string grouped(const round::Amount& amount) {
  const std::string digits = amount.to_decimal();
  if (digits.size() <= kMostDigits) return grouped(digits);
  return element("span", concat("class=\"digest\" title=\"", digits, "\""),
                 concat(digits.substr(0, 1), ".", digits.substr(1, 4), "\xE2\x80\xA6\xC2\xA0\xC3\x97\xC2\xA0",
                        "10", element("sup", "", concat(digits.size() - 1))));
}

std::string percentage(std::int64_t part, std::int64_t whole) {
  if (whole <= 0 || part < 0) return std::string(kDash);
  return percentage(static_cast<double>(part) / static_cast<double>(whole));
}

std::string percentage(double share) {
  return format_fixed(100.0 * share, 1) + std::string(kNarrowSpace) + "%";
}

std::string counted(std::int64_t correct, std::int64_t samples) {
  if (correct < 0 || samples <= 0) return std::string(kDash);
  return concat(correct, "/", samples, " ", element("small", "", percentage(correct, samples)));
}

}  // namespace cohort::report
