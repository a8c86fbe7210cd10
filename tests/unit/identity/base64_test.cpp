#include "cohort/identity/base64.hpp"

#include <gtest/gtest.h>

#include "cohort/core/error.hpp"
#include "cohort/core/philox.hpp"

namespace cohort::identity {
namespace {

std::string encoded(std::string_view text) {
  return base64url_encode(std::as_bytes(std::span(text)));
}

std::string decoded(std::string_view text) {
  const auto bytes = base64url_decode(text);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// RFC 4648 §10 without padding.
TEST(Base64Url, GivesTheKnownAnswers) {
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg");
  EXPECT_EQ(encoded("fo"), "Zm8");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foob"), "Zm9vYg");
  EXPECT_EQ(encoded("fooba"), "Zm9vYmE");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encoded("\xFB\xEF\xFF"), "--__");
  EXPECT_EQ(decoded("Zm9vYmE"), "fooba");
  EXPECT_EQ(decoded("--__"), "\xFB\xEF\xFF");
}

TEST(Base64Url, BringsEveryLengthBack) {
  RandomSequence random(1, Stream::test_inputs, 0);
  for (std::size_t length = 0; length < 200; ++length) {
    std::vector<std::byte> bytes(length);
    for (auto& byte : bytes) byte = static_cast<std::byte>(random.next_u32() & 0xFF);
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes) << length;
  }
}

TEST(Base64Url, RefusesEveryOtherText) {
  for (const char* text :
       {"Zg==", "Zm9v\n", " Zm9v", "Zm9v Yg", "+/+/", "Zm9vY", "A", "Zh", "Zm9", "Zm9v=", "Zm\xC3\xA4v"})
    EXPECT_THROW(static_cast<void>(base64url_decode(text)), DataError) << text;
  EXPECT_THROW(static_cast<void>(base64url_decode(std::string_view("Zm9v\0Zm9v", 9))), DataError);
}

TEST(Base64Url, SaysWhichCharacterIsForeign) {
  try {
    static_cast<void>(base64url_decode("Zm9v!mFy"));
    FAIL();
  } catch (const DataError& e) {
    EXPECT_NE(std::string(e.what()).find("character 5 of 8"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace cohort::identity
