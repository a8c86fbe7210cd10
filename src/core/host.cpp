#include "cohort/core/host.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>

namespace cohort {

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown host";
  return name.data();
}

bool is_alive(std::int64_t process) {
  // Numbers below one mean groups of processes to the system.
  if (process < 1 || process > std::numeric_limits<pid_t>::max()) return false;
  return ::kill(static_cast<pid_t>(process), 0) == 0 || errno == EPERM;
}

}  // namespace cohort
