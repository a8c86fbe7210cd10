#include "report/html.hpp"

#include <gtest/gtest.h>

#include "cohort/core/visible.hpp"
#include "small_run.hpp"

namespace cohort::report {
namespace {

TEST(Html, KeepsStrangersTextText) {
  EXPECT_EQ(escaped("<a href='x'>&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;");
  EXPECT_EQ(escaped("\xC3\xA4 \xF0\x9F\x99\x82"), "\xC3\xA4 \xF0\x9F\x99\x82");
  EXPECT_EQ(escaped("two\nlines\tand cells"), "two lines and cells");
  EXPECT_EQ(escaped("\u202Ex"), R"(\u202ex)") << "turns the direction of writing";
  EXPECT_EQ(escaped(std::string_view("a\0b", 3)), R"(a\x00b)");
  EXPECT_EQ(escaped("\xC0\xBC"), R"(\xc0\xbc)") << "an overlong <";
  EXPECT_EQ(escaped("\xED\xA0\x80"), R"(\xed\xa0\x80)") << "half a surrogate pair";
  EXPECT_EQ(escaped("x\xE2\x80"), R"(x\xe2\x80)") << "cut short";
  EXPECT_EQ(escaped("\xE2<b>"), R"(\xe2&lt;b&gt;)") << "a byte swallows no markup";
}

// One list for the console and the page: two names that look alike on one look alike on the other.
TEST(Html, ShowsWhatTheConsoleShows) {
  for (const char* text :
       {"site\u200b", "\u200e1", "a\u00adb", "\u3164", "\ufe0f", "\ufffe", "\U000e0041", "\u0085"})
    EXPECT_EQ(escaped(text), visible(text));
}

TEST(Html, GroupsDigits) {
  EXPECT_EQ(grouped("1"), "1");
  EXPECT_EQ(grouped("123"), "123");
  EXPECT_EQ(grouped("1234567"),
            "1\xE2\x80\xAF"
            "234\xE2\x80\xAF"
            "567");
}

TEST(Html, KeepsLargeAmountsShort) {
  EXPECT_EQ(grouped(round::Amount::from_decimal("1000000000000000000")), grouped("1000000000000000000"));
  const std::string large = grouped(round::Amount::largest());
  EXPECT_TRUE(contains(large, "1.1579"));
  EXPECT_TRUE(contains(large, "<sup>77</sup>"));
  EXPECT_TRUE(contains(large, concat("title=\"", round::Amount::largest().to_decimal(), "\"")));
}

}  // namespace
}  // namespace cohort::report
