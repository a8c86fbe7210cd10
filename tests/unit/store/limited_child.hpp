// Runs code in a child process whose files may not grow beyond a limit: the nearest thing to a full disk that
// a test can have without being root.
#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <exception>
#include <string>

namespace cohort::store {

/// What `action` throws in the child, "nothing thrown", or how the child died.
template <typename Action>
std::string thrown_under_limit(rlim_t file_bytes, const Action& action) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);  // the write fails with EFBIG instead
    const rlimit limit{file_bytes, file_bytes};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::string outcome = "nothing thrown";
    try {
      action();
    } catch (const std::exception& e) {
      outcome = e.what();
    }
    const ssize_t written = write(ends[1], outcome.data(), outcome.size());
    std::exit(written == static_cast<ssize_t>(outcome.size()) ? 0 : 1);  // runs what libraries do at exit
  }
  close(ends[1]);
  std::string outcome;
  std::array<char, 4096> buffer{};
  for (ssize_t length = 0; (length = read(ends[0], buffer.data(), buffer.size())) > 0;) {
    outcome.append(buffer.data(), static_cast<std::size_t>(length));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    outcome += " (the child died, status " + std::to_string(status) + ")";
  return outcome;
}

}  // namespace cohort::store
