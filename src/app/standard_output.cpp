#include "standard_output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace cohort::app {
namespace {
bool has_lost_its_reader() {
  pollfd end{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&end, 1, 0) > 0 && (end.revents & (POLLERR | POLLHUP)) != 0;
}
}  // namespace

std::string standard_output_problem() {
  const bool has_failed_before = std::ferror(stdout) != 0;
  errno = 0;
  const bool fails_now = std::fflush(stdout) != 0;  // what did not go through is tried again, and says why
  const int reason = errno;
  if (!has_failed_before && !fails_now) return {};
  if (reason == EPIPE || has_lost_its_reader()) return {};
  return fails_now && reason != 0 ? std::generic_category().message(reason) : "not all of it was written";
}

}  // namespace cohort::app
