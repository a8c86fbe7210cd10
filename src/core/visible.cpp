#include "cohort/core/visible.hpp"

#include <array>

#include "cohort/core/text.hpp"

namespace cohort {
namespace {

/// One character, or one byte that belongs to none.
struct Character {
  std::size_t bytes = 1;
  char32_t code = 0;
  bool is_valid = false;
};

/// Bytes of a character that begins so; 0 for none.
std::size_t length_of(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

Character first_of(std::string_view text) {
  // What fits into fewer bytes must stand in fewer.
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const auto first = static_cast<unsigned char>(text.front());
  const Character invalid{1, first, false};
  const std::size_t length = length_of(first);
  if (length == 0 || length > text.size()) return invalid;
  char32_t code = length == 1 ? first : first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0U) != 0x80) return invalid;
    code = (code << 6) | (next & 0x3fU);
  }
  const bool is_surrogate = code >= 0xd800 && code < 0xe000;
  if (code < least[length] || is_surrogate || code > 0x10ffff) return invalid;
  return {length, code, true};
}

/// Whether a character does something else than standing there. U+200C and U+200D, which join and part
/// letters, are left to the scripts that need them.
bool acts(char32_t code) {
  if (code == '\n' || code == '\t') return false;
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200b || code == 0x200e ||
         code == 0x200f || (code >= 0x2028 && code < 0x202f) || (code >= 0x2060 && code < 0x2070) ||
         code == 0xfeff;
}

std::string number_of(const Character& character) {
  constexpr std::string_view digits = "0123456789abcdef";
  // \u also for U+007F to U+009F: JSON knows it, and status.json is printed through here.
  const bool is_short = !character.is_valid || character.code < 0x20;
  std::string text = is_short ? "\\x" : "\\u";
  for (int shift = is_short ? 4 : 12; shift >= 0; shift -= 4) text += digits[character.code >> shift & 0xfU];
  return text;
}

std::string visible_line(std::string_view line, std::size_t longest) {
  std::string shown;
  for (std::size_t at = 0; at < line.size();) {
    const Character character = first_of(line.substr(at));
    const std::string_view bytes = line.substr(at, character.bytes);
    const bool is_plain = character.is_valid && !acts(character.code);
    const std::string number = is_plain ? std::string() : number_of(character);
    const std::string_view next = is_plain ? bytes : std::string_view(number);
    if (next.size() > longest - shown.size())
      return concat(shown, " ... and ", line.size() - at, " bytes more");
    shown += next;
    at += character.bytes;
  }
  return shown;
}

std::string visible_lines(std::string_view text, std::size_t longest, std::string_view before_next) {
  std::string shown;
  while (true) {
    const std::size_t end = text.find('\n');
    shown += visible_line(text.substr(0, end), longest);
    if (end == std::string_view::npos) return shown;
    text.remove_prefix(end + 1);
    shown += '\n';
    if (!text.empty() && text.front() != ' ') shown += before_next;
  }
}

}  // namespace

std::string visible(std::string_view text, std::size_t longest) {
  return visible_lines(text, longest, "");
}

std::string visible_message(std::string_view text) {
  return visible_lines(text, kLongestShownLine, "  ");
}

}  // namespace cohort
