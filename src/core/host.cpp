#include "cohort/core/host.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <limits>

#include "cohort/core/text.hpp"

namespace cohort {
namespace {

/// Whether a process has ended and only waits for its parent to ask how: the system still knows its number.
/// The state is the letter after the program's name, which stands in parentheses and may hold any of them:
/// proc(5), /proc/<process>/stat.
bool is_zombie(std::int64_t process) {
  std::ifstream file(concat("/proc/", process, "/stat"));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= text.size()) return false;
  const char state = text[name_end + 2];
  return state == 'Z' || state == 'X';
}

}  // namespace

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown host";
  return name.data();
}

bool is_alive(std::int64_t process) {
  // Numbers below one mean groups of processes to the system.
  if (process < 1 || process > std::numeric_limits<pid_t>::max()) return false;
  if (::kill(static_cast<pid_t>(process), 0) != 0 && errno != EPERM) return false;
  return !is_zombie(process);
}

}  // namespace cohort
