#include "cohort/report/table.hpp"

#include <gtest/gtest.h>

namespace cohort::report {
namespace {

const Table kTable{{"class", "recall", "note"},
                   {{"benign", "0.95", "good"}, {"melanoma", "-", ""}, {"nv", "12", "x"}}};

TEST(Table, AlignsColumnsForTheConsole) {
  EXPECT_EQ(console_table(kTable),
            "class     recall  note\n"
            "--------  ------  ----\n"
            "benign      0.95  good\n"
            "melanoma       -\n"
            "nv            12  x\n");
}

TEST(Table, CountsCharactersNotBytes) {
  EXPECT_EQ(console_table({{"n"}, {{"\xC3\xA4\xC3\xB6"}, {"abc"}}}), "n\n---\n\xC3\xA4\xC3\xB6\nabc\n");
}

TEST(Table, FillsShortRowsAndKeepsCellsOnOneLine) {
  EXPECT_EQ(console_table({{"a", "b"}, {{"1"}, {"two\nlines", "x", "more"}}}),
            "a          b\n"
            "---------  -  ----\n"
            "1\n"
            "two lines  x  more\n");
}

TEST(Table, AlignsPercentagesAndLeavesTextLeft) {
  EXPECT_EQ(console_table({{"share"}, {{"5%"}, {"100%"}}}), "share\n-----\n   5%\n 100%\n");
  EXPECT_EQ(console_table({{"value"}, {{"5"}, {"many"}}}), "value\n-----\n5\nmany\n");
}

TEST(Table, MayBeEmpty) {
  EXPECT_EQ(console_table({}), "\n\n");
  EXPECT_EQ(console_table({{"only"}, {}}), "only\n----\n");
}

}  // namespace
}  // namespace cohort::report
