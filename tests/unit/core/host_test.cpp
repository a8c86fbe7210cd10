#include "cohort/core/host.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cohort/core/clock.hpp"

namespace cohort {
namespace {

TEST(Host, HasANameOfOneLine) {
  EXPECT_FALSE(host_name().empty());
  EXPECT_EQ(host_name().find('\n'), std::string::npos);
}

TEST(Host, KnowsWhoIsAlive) {
  EXPECT_TRUE(is_alive(getpid()));
  EXPECT_TRUE(is_alive(1)) << "another user's process lives too";
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  EXPECT_FALSE(is_alive(child));
  for (const std::int64_t nobody : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 40})
    EXPECT_FALSE(is_alive(nobody)) << nobody;
}

TEST(Host, CountsAsEndedWhoseParentHasNotAskedYet) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  siginfo_t how{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &how, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE(is_alive(child));
  waitpid(child, nullptr, 0);
}

TEST(Clock, SaysTheDateAsISO8601) {
  const std::string now = utc_now();
  ASSERT_EQ(now.size(), 20U) << now;
  EXPECT_EQ(now.substr(0, 2), "20");
  for (const auto& [place, sign] : {std::pair{4, '-'}, {7, '-'}, {10, 'T'}, {13, ':'}, {16, ':'}, {19, 'Z'}})
    EXPECT_EQ(now[static_cast<std::size_t>(place)], sign) << now;
}

TEST(Clock, NeverGoesBack) {
  double former = steady_now_s();
  for (int i = 0; i < 100; ++i) {
    const double now = steady_now_s();
    EXPECT_GE(now, former);
    former = now;
  }
}

}  // namespace
}  // namespace cohort
