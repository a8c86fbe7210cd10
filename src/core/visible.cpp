#include "cohort/core/visible.hpp"

#include <algorithm>
#include <array>

#include "cohort/core/text.hpp"
#include "cohort/core/utf8.hpp"

namespace cohort {
namespace {

struct Range {
  char32_t first, last;
};

/// Controls, separators of lines, marks that change the direction of writing or annotate, and all else that
/// Unicode lets a reader show nothing for (Default_Ignorable_Code_Point): fillers, selectors, tags; also the
/// controls and blanks of hieroglyphs, the null notehead, and U+FDD0 to U+FDEF, which stand for nothing.
constexpr std::array<Range, 22> kDeceptive{
    {{0x0, 0x1f},        {0x7f, 0x9f},      {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},
     {0x115f, 0x1160},   {0x17b4, 0x17b5},  {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
     {0x2060, 0x206f},   {0x3164, 0x3164},  {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
     {0xffa0, 0xffa0},   {0xfff0, 0xfffb},  {0x13430, 0x1345f}, {0x1bca0, 0x1bca3}, {0x1d159, 0x1d159},
     {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}}};

/// Whether a character does something else than showing itself.
bool is_deceptive(char32_t code) {
  if (code >= 0x20 && code < 0x7f) return false;  // nearly all there is
  if ((code & 0xfffeU) == 0xfffeU) return true;   // the last two of each plane stand for nothing
  return std::ranges::any_of(kDeceptive,
                             [&](const Range& range) { return range.first <= code && code <= range.last; });
}

/// What may stand in text for people besides what shows: U+200C and U+200D, which part and join letters, are
/// left to the scripts that need them.
bool is_left_alone(char32_t code) {
  return code == '\n' || code == '\t' || code == 0x200c || code == 0x200d;
}

std::string digits_of(char32_t value, int count) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (int shift = 4 * (count - 1); shift >= 0; shift -= 4) text += digits[value >> shift & 0xfU];
  return text;
}

std::string number_of(const Character& character) {
  const char32_t code = character.code;
  if (!character.is_valid || code < 0x20) return concat("\\x", digits_of(code, 2));
  // \u also for U+007F to U+009F, and two of them beyond U+FFFF: JSON knows it, and status.json is printed
  // through here.
  if (code < 0x10000) return concat("\\u", digits_of(code, 4));
  const char32_t rest = code - 0x10000;
  return concat("\\u", digits_of(0xd800 + (rest >> 10), 4), "\\u", digits_of(0xdc00 + (rest & 0x3ffU), 4));
}

std::string visible_line(std::string_view line, std::size_t longest) {
  std::string shown;
  for (std::size_t at = 0; at < line.size();) {
    const Character character = first_character(line.substr(at));
    const std::string_view bytes = line.substr(at, character.bytes);
    const bool is_plain =
        character.is_valid && (is_left_alone(character.code) || !is_deceptive(character.code));
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

bool is_plain_text(std::string_view text) {
  while (!text.empty()) {
    const Character character = first_character(text);
    if (!character.is_valid || is_deceptive(character.code)) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

std::string visible(std::string_view text, std::size_t longest) {
  return visible_lines(text, longest, "");
}

std::string visible_word(std::string_view text) {
  std::string shown;
  for (const char c : visible(text)) {
    if (c == '\n' || c == '\t')
      shown += concat("\\x", digits_of(static_cast<char32_t>(c), 2));
    else
      shown += c;
  }
  return shown;
}

std::string visible_message(std::string_view text) {
  return visible_lines(text, kLongestShownLine, "  ");
}

}  // namespace cohort
