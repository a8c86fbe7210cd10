#include "cohort/core/log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "cohort/core/error.hpp"

namespace cohort {
namespace {

/// What `action` writes to stdout and stderr, neither being a terminal.
template <typename Action>
std::pair<std::string, std::string> printed(const Action& action) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  action();
  return {testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

/// What `action` writes to stderr while that is a terminal.
template <typename Action>
std::string printed_on_terminal(const Action& action) {
  const int main_side = posix_openpt(O_RDWR | O_NOCTTY);
  if (main_side < 0 || grantpt(main_side) != 0 || unlockpt(main_side) != 0) return "no terminal";
  const int terminal = open(ptsname(main_side), O_RDWR | O_NOCTTY);
  const int saved = dup(STDERR_FILENO);
  dup2(terminal, STDERR_FILENO);
  action();
  dup2(saved, STDERR_FILENO);
  close(saved);
  close(terminal);
  std::string shown;
  std::array<char, 4096> buffer{};
  // Each read gives one write; with the other side closed the last one fails.
  for (ssize_t length = 0; (length = read(main_side, buffer.data(), buffer.size())) > 0;) {
    shown.append(buffer.data(), static_cast<std::size_t>(length));
  }
  close(main_side);
  return shown;
}

std::string contents(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(Log, SendsMessagesToStderrAndResultsToStdout) {
  const auto [out, err] = printed([] {
    Log log(true);
    log.info("reading");
    log.result("accuracy 0.9");
  });
  EXPECT_EQ(out, "accuracy 0.9\n");
  EXPECT_EQ(err, "reading\n");
}

TEST(Log, IsSilentOffTheRootExceptForWarnings) {
  const auto [out, err] = printed([] {
    Log log(false, 3);
    log.info("reading");
    log.result("accuracy 0.9");
    log.progress("step 1");
    log.warning("slow disk");
  });
  EXPECT_EQ(out, "");
  EXPECT_EQ(err, "cohort: warning: rank 3: slow disk\n");
}

TEST(Log, KeepsOnlyWarningsAndResultsWhenQuiet) {
  const auto [out, err] = printed([] {
    Log log(true);
    log.set_quiet(true);
    log.info("reading");
    log.progress("step 1");
    log.warning("slow disk");
    log.result("done");
  });
  EXPECT_EQ(out, "done\n");
  EXPECT_EQ(err, "cohort: warning: slow disk\n");
}

TEST(Log, PrintsProgressRarelyWhenStderrIsNotATerminal) {
  const auto [out, err] = printed([] {
    Log log(true);
    EXPECT_FALSE(log.is_terminal());
    for (int i = 0; i < 100; ++i) log.progress("step " + std::to_string(i));
    log.end_progress();
  });
  EXPECT_EQ(err, "step 0\n");
}

TEST(Log, RedrawsProgressOnATerminal) {
  const std::string shown = printed_on_terminal([] {
    Log log(true);
    EXPECT_TRUE(log.is_terminal());
    log.progress("step 1");
    log.progress("step 2");
    log.info("saved");
  });
  // A terminal turns "\n" into "\r\n".
  EXPECT_EQ(shown, "\r\x1b[Kstep 1\r\x1b[Kstep 2\r\nsaved\r\n");
}

constexpr const char* kHostile = "member \x1b[2J\x1b]0;owned\x07\u202e\rcohort: all is well";
constexpr const char* kShown = R"(member \x1b[2J\x1b]0;owned\x07\u202e\x0dcohort: all is well)";

TEST(Log, ShowsWhatWouldSteerTheTerminal) {
  const auto [out, err] = printed([] {
    Log log(true);
    log.info(kHostile);
    log.warning(kHostile);
    log.progress(kHostile);
    log.result(kHostile);
  });
  const std::string shown = kShown;
  EXPECT_EQ(out, shown + "\n");
  EXPECT_EQ(err, shown + "\ncohort: warning: " + shown + "\n" + shown + "\n");
}

TEST(Log, RedrawsNothingThatAStrangerWrote) {
  const std::string shown = printed_on_terminal([] {
    Log log(true);
    log.progress(kHostile);
    log.end_progress();
  });
  EXPECT_EQ(shown, "\r\x1b[K" + std::string(kShown) + "\r\n");
}

TEST(Log, CutsFloodsButNoResults) {
  const std::string flood(50000, 'x');
  const auto [out, err] = printed([&] {
    Log log(true);
    log.info(flood);
    log.warning(flood);
    log.result(flood);
  });
  EXPECT_EQ(out, flood + "\n");
  EXPECT_LT(err.size(), 8400U);
  EXPECT_NE(err.find("x ... and 45904 bytes more\n"), std::string::npos);
}

TEST(Log, KeepsItsFileToOneMessageALine) {
  const auto path = std::filesystem::path(testing::TempDir()) / ("log_lines_" + std::to_string(getpid()));
  printed([&] {
    Log log(true);
    log.open_file(path);
    log.info(kHostile);
    log.result("a\n2026-01-01T00:00:00Z result all is well");
    log.info(std::string(50000, 'x'));
  });
  const std::string text = contents(path);
  EXPECT_NE(text.find(std::string(" info ") + kShown + "\n"), std::string::npos) << text;
  EXPECT_NE(text.find(" result a\n  2026-01-01T00:00:00Z result all is well\n"), std::string::npos) << text;
  EXPECT_LT(text.size(), 5000U);
  std::filesystem::remove(path);
}

TEST(Log, AppendsEveryLineToItsFile) {
  const auto path = std::filesystem::path(testing::TempDir()) / ("log_test_" + std::to_string(getpid()));
  printed([&] {
    Log log(true);
    log.open_file(path);
    log.set_quiet(true);
    log.info("reading");
    log.warning("slow disk");
    log.progress("step 1");
    log.result("done");
  });
  printed([&] {
    Log log(true);
    log.open_file(path);
    log.info("again");
    Log other(false, 1);
    other.open_file(path);
    other.warning("not the root");
  });
  const std::string time = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ )";
  const std::regex expected(time + "info reading\n" + time + "warning slow disk\n" + time +
                            "progress step 1\n" + time + "result done\n" + time + "info again\n");
  EXPECT_TRUE(std::regex_match(contents(path), expected)) << contents(path);
  std::filesystem::remove(path);
}

TEST(Log, NamesTheFileThatCannotBeOpened) {
  Log log(true);
  try {
    log.open_file("/no/such/folder/log.txt");
    FAIL() << "did not throw";
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "open log file /no/such/folder/log.txt: No such file or directory");
  }
}

}  // namespace
}  // namespace cohort
