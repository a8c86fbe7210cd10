#include "cohort/core/utf8.hpp"

#include <array>

namespace cohort {
namespace {

/// Bytes of a character that begins so; 0 for none.
std::size_t length_of(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

}  // namespace

Character first_character(std::string_view text) {
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

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Character character = first_character(text);
    if (!character.is_valid) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

}  // namespace cohort
