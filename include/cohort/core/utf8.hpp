// UTF-8 as RFC 3629 defines it, one character at a time.
#pragma once

#include <cstddef>
#include <string_view>

namespace cohort {

/// One character of a text, or one byte that belongs to none.
struct Character {
  std::size_t bytes = 1;
  char32_t code = 0;  ///< of a byte that belongs to no character: the byte
  bool is_valid = false;
};

/// What a text begins with. Overlong forms, surrogates and numbers above U+10FFFF are no characters, nor is
/// one that is cut short. Requires a text that is not empty.
Character first_character(std::string_view text);

/// Whether a text consists of characters alone.
bool is_utf8(std::string_view text);

}  // namespace cohort
