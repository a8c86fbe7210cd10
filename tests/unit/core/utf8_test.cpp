#include "cohort/core/utf8.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace cohort {
namespace {

/// A number as RFC 3629 writes it, by the table of its section 3.
std::string encoded(char32_t code) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xc0 | code >> 6), tail(0)};
  if (code < 0x10000) return {static_cast<char>(0xe0 | code >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xf0 | code >> 18), tail(12), tail(6), tail(0)};
}

TEST(Utf8, ReadsEveryCharacter) {
  for (char32_t code = 0; code <= 0x10ffff; ++code) {
    const std::string text = encoded(code) + "next";
    const Character found = first_character(text);
    const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
    ASSERT_EQ(found.is_valid, !is_surrogate) << static_cast<std::uint32_t>(code);
    if (is_surrogate) continue;
    ASSERT_EQ(found.code, code);
    ASSERT_EQ(found.bytes, text.size() - 4);
  }
}

TEST(Utf8, GivesBytesThatBelongToNoCharacterOneByOne) {
  for (const char* text : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf",
                           "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3", "\xc3(",
                           "\xe2\x82", "\xe2\x82(", "\xf0\x9f\x99", "\xf0\x9f\x99("}) {
    const Character found = first_character(text);
    EXPECT_FALSE(found.is_valid) << text;
    EXPECT_EQ(found.bytes, 1U) << text;
    EXPECT_EQ(found.code, static_cast<unsigned char>(*text)) << text;
  }
}

TEST(Utf8, HoldsNothingElse) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8(std::string("a\0b", 3)));
  EXPECT_TRUE(is_utf8("Läsion ½ 漢字 🙂\n"));
  EXPECT_FALSE(is_utf8("caf\xe9"));
  EXPECT_FALSE(is_utf8("L\xc3"));
}

}  // namespace
}  // namespace cohort
