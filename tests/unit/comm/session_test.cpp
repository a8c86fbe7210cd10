// What a process says when nothing can be unwound any more.
#include "cohort/comm/session.hpp"

#include <gtest/gtest.h>

#include "cohort/core/error.hpp"

namespace cohort::comm {
namespace {

[[noreturn]] void fail() {
  throw DataError("a column named \x1b[2J\ncohort: error: all is well");
}

void end_by_a_stranger() noexcept {
  int argc = 0;
  char** argv = nullptr;
  const Session session(argc, argv);
  fail();
}

TEST(SessionDeathTest, ShowsTextOfUnknownOriginWithoutObeyingIt) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(end_by_a_stranger(), "cohort: error: rank 0 .*: a column named \\\\x1b\\[2J\n  cohort: error");
}

}  // namespace
}  // namespace cohort::comm
