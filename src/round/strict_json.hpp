// The one spelling of JSON that submissions use: fixed order of members, no spaces, so that a text is what it
// says and nothing else. Not part of the module's public face.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cohort/core/digest.hpp"

namespace cohort::round {

/// The longest beginning of at most `most` bytes that cuts no character of UTF-8 in two.
std::string shortened(std::string_view text, std::size_t most);

/// The text in quotes, with \" and \\ for what must be escaped. Requires is_plain_text.
std::string quote(std::string_view text);

/// Reads from front to back, in time linear in the text. Every call throws DataError, which names `what` and
/// the position and never repeats the text, when it does not find just what it asks for.
class Scanner {
 public:
  Scanner(std::string_view text, std::string_view subject) : text_(text), subject_(subject) {}

  /// Exactly these characters.
  void expect(std::string_view literal, std::string_view what);
  /// `"name":`
  void expect_member(std::string_view name);
  /// Takes the character if it comes next.
  bool accept(char next);
  /// Decimal without sign or leading zeros.
  std::int64_t integer(std::string_view what, std::int64_t least, std::int64_t most);
  /// 2 * bytes.size() small hexadecimal digits in quotes.
  void hex(std::string_view what, std::span<std::uint8_t> bytes);
  /// As quote() writes it, from 0 to `most` bytes long.
  std::string text(std::string_view what, std::size_t most);
  /// Nothing is left.
  void expect_end();
  [[noreturn]] void fail(std::string_view what, std::string_view problem) const;

 private:
  std::string_view text_, subject_;
  std::size_t at_ = 0;
};

}  // namespace cohort::round
