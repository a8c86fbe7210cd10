#include "cohort/core/stop_request.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace cohort {
namespace {

/// Runs `body` in a child process, since handlers and the flag belong to a process; returns its wait status.
template <typename Body>
int status_of_child(const Body& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

TEST(StopRequest, IsNoneUntilASignalArrives) {
  const int status = status_of_child([] {
    install_stop_handlers();
    return stop_requested();
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(StopRequest, RemembersEachOfItsSignals) {
  for (const int signal_number : {SIGUSR1, SIGUSR2, SIGTERM, SIGINT}) {
    const int status = status_of_child([&] {
      install_stop_handlers();
      std::raise(signal_number);
      return stop_requested();
    });
    EXPECT_TRUE(WIFEXITED(status)) << signal_number;
    EXPECT_EQ(WEXITSTATUS(status), signal_number);
  }
}

TEST(StopRequest, KeepsTheFirstOfSeveralSignals) {
  const int status = status_of_child([] {
    install_stop_handlers();
    std::raise(SIGUSR1);
    std::raise(SIGTERM);
    return stop_requested();
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), SIGUSR1);
}

TEST(StopRequest, IgnoresTheClosedTerminal) {
  const int status = status_of_child([] {
    install_stop_handlers();
    std::raise(SIGHUP);
    return stop_requested();
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(StopRequest, EndsAtTheSecondInterrupt) {
  const int status = status_of_child([] {
    install_stop_handlers();
    std::raise(SIGINT);
    std::raise(SIGINT);
    return 99;
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGINT);
}

TEST(StopRequest, DoesNotEndAtASecondTerm) {
  const int status = status_of_child([] {
    install_stop_handlers();
    std::raise(SIGTERM);
    std::raise(SIGTERM);
    std::raise(SIGINT);
    return stop_requested();
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), SIGTERM);
}

}  // namespace
}  // namespace cohort
