#include "shell_words.hpp"

#include <gtest/gtest.h>

namespace cohort::app {
namespace {

using namespace std::string_view_literals;

TEST(ShellWord, LeavesPlainWordsAlone) {
  EXPECT_EQ(shell_word("runs/a-1_b.h5"sv), "runs/a-1_b.h5");
  EXPECT_EQ(shell_word("--lr=0.1"sv), "--lr=0.1");
  EXPECT_EQ(shell_word("Läsionen"sv), "Läsionen");
}

TEST(ShellWord, QuotesWhatAShellWouldTakeApart) {
  EXPECT_EQ(shell_word("my run"sv), "'my run'");
  EXPECT_EQ(shell_word(""sv), "''");
  EXPECT_EQ(shell_word("a$b"sv), "'a$b'");
  EXPECT_EQ(shell_word("~/x"sv), "'~/x'");
  EXPECT_EQ(shell_word("balanced_accuracy>=0.8"sv), "'balanced_accuracy>=0.8'");
  EXPECT_EQ(shell_word("it's"sv), R"('it'\''s')");
  EXPECT_EQ(shell_word(std::filesystem::path("a b") / "c"), "'a b/c'");
}

}  // namespace
}  // namespace cohort::app
