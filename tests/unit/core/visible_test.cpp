#include "cohort/core/visible.hpp"

#include <gtest/gtest.h>

#include "cohort/core/philox.hpp"
#include "cohort/core/text.hpp"

namespace cohort {
namespace {

TEST(Visible, LeavesWhatPeopleWrite) {
  for (const char* text : {"", "plain, 100% \\x1b", "Läsion ½ 漢字 🙂", "two\nlines\n", "a\tcell",
                           "\u200d\u200c joined and parted letters"})
    EXPECT_EQ(visible(text), text);
}

TEST(Visible, ShowsWhatSteersATerminal) {
  EXPECT_EQ(visible("\x1b[2J\x1b]0;title\x07"), R"(\x1b[2J\x1b]0;title\x07)");
  EXPECT_EQ(visible(std::string("a\0b\rc\x7f", 6)), R"(a\x00b\x0dc\u007f)");
  EXPECT_EQ(visible("\u0085\u009b31m"), R"(\u0085\u009b31m)") << "one character that starts a sequence";
  EXPECT_EQ(visible("\u202eevil\u202c\u2066\u200f\u061c"), R"(\u202eevil\u202c\u2066\u200f\u061c)");
  EXPECT_EQ(visible("\u2028\u200b\ufeff"), R"(\u2028\u200b\ufeff)");
}

TEST(Visible, ShowsWhatShowsNothing) {
  EXPECT_EQ(visible("a\u00ad\u115f\ufe0f\uffa0"), R"(a\u00ad\u115f\ufe0f\uffa0)");
  EXPECT_EQ(visible("\U000e0041\U000e0fff\U0001d173"), R"(\udb40\udc41\udb43\udfff\ud834\udd73)");
}

TEST(Visible, ShowsWhatStandsForNothing) {
  EXPECT_EQ(visible("a\ufdd0\U0001d159\U00013441"), R"(a\ufdd0\ud834\udd59\ud80d\udc41)");
  EXPECT_EQ(visible("\ufffe\U0001ffff"), R"(\ufffe\ud83f\udfff)");
}

TEST(VisibleWord, StaysOnOneLine) {
  EXPECT_EQ(visible_word("training\nrun    ok\t1\r\x1b[2J"), R"(training\x0arun    ok\x091\x0d\x1b[2J)");
  EXPECT_EQ(visible_word("Läsion \u200d 漢字"), "Läsion \u200d 漢字");
}

TEST(PlainText, HasLettersOfAnyScript) {
  for (const char* text :
       {"", "plain", "Zürich", "東京", "🙂", "Ελλάδα", "Москва", "ירושלים", "القاهرة", "서울", "ភ្នំពេញ",
        "ᠮᠣᠩᠭᠣᠯ", "दिल्ली", "e\u0301", "10\u202fkm", "\u00a0", "ﾊﾝｶｸ", "\U0001f1e8\U0001f1ed"})
    EXPECT_TRUE(is_plain_text(text)) << text;
}

TEST(PlainText, HasNothingThatDoesNotShow) {
  for (const char* text :
       {"\t",         "\n",         "\x7f",      "\u0085",     "\u00ad",     "\u034f",     "\u061c",
        "\u115f",     "\u1160",     "\u17b4",    "\u17b5",     "\u180b",     "\u180e",     "\u180f",
        "\u200b",     "\u200c",     "\u200f",    "\u2028",     "\u202e",     "\u2060",     "\u206f",
        "\u3164",     "\ufe00",     "\ufe0f",    "\ufeff",     "\uffa0",     "\ufff0",     "\ufff9",
        "\ufffb",     "\ufffe",     "\uffff",    "\U0001bca0", "\U0001d17a", "\U000e0000", "\U000e0041",
        "\U000e0100", "\U000e0fff", "\ufdd0",    "\ufdef",     "\U0001fffe", "\U0010ffff", "\U0001d159",
        "\U00013430", "\U00013441", "\U0001345f"})
    EXPECT_FALSE(is_plain_text(concat("device", text, "-01"))) << visible(text);
  for (const char* text : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80", "\xff"})
    EXPECT_FALSE(is_plain_text(text)) << visible(text);
}

TEST(Visible, ShowsBytesThatAreNoText) {
  EXPECT_EQ(visible("caf\xe9"), R"(caf\xe9)");
  EXPECT_EQ(visible("\x9b"
                    "2J"),
            R"(\x9b2J)")
      << "a terminal of eight bits would take it for a sequence";
  EXPECT_EQ(visible("\xc0\x9b"), R"(\xc0\x9b)") << "ESC in two bytes";
  EXPECT_EQ(visible("\xed\xa0\x80"), R"(\xed\xa0\x80)") << "half a pair";
  EXPECT_EQ(visible("\xf4\x90\x80\x80"), R"(\xf4\x90\x80\x80)") << "beyond the last character";
  EXPECT_EQ(visible("\xe6\xbc"), R"(\xe6\xbc)") << "cut short";
}

// Whatever comes in, nothing but printable text comes out, and it stays what it is from then on.
TEST(Visible, LetsNothingThrough) {
  RandomSequence random(31, Stream::test_inputs, 0);
  for (int round = 0; round < 200; ++round) {
    std::string bytes(random.below(60), ' ');
    for (char& byte : bytes) byte = static_cast<char>(random.below(random.below(2) == 0 ? 32 : 256));
    const std::string shown = visible(bytes);
    EXPECT_EQ(visible(shown), shown);
    for (const char c : shown) EXPECT_TRUE(c == '\n' || c == '\t' || static_cast<unsigned char>(c) >= 0x20);
  }
}

TEST(Visible, CutsLongLinesBetweenCharacters) {
  EXPECT_EQ(visible("abcdef\nxyz", 4), "abcd ... and 2 bytes more\nxyz");
  EXPECT_EQ(visible("abcd", 4), "abcd");
  EXPECT_EQ(visible("abcäöü", 4), "abc ... and 6 bytes more");
  EXPECT_EQ(visible("ab\x1b"
                    "c",
                    4),
            "ab ... and 2 bytes more")
      << "a number is not cut either";
  EXPECT_EQ(visible(std::string(10000, 'x')).size(), 10000U) << "only when asked to";
}

TEST(VisibleMessage, IsOneMessage) {
  EXPECT_EQ(visible_message("2 problems:\n  one\n  two"), "2 problems:\n  one\n  two");
  EXPECT_EQ(visible_message("verdict 'x\ncohort: error: no'"), "verdict 'x\n  cohort: error: no'");
  EXPECT_EQ(visible_message("\x1b"
                            "c"),
            "\\x1b"
            "c");
  const std::string cut = visible_message(std::string(100000, 'x'));
  EXPECT_LT(cut.size(), 4200U);
  EXPECT_TRUE(cut.ends_with(" ... and 95904 bytes more"));
}

}  // namespace
}  // namespace cohort
