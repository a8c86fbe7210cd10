#include "store/hostile_limits.hpp"

#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <vector>

#include "cohort/core/text.hpp"
#include "store/hostile_calls.hpp"
#include "store/resource_limit.hpp"

namespace cohort::store {
namespace {

/// A program that runs as root is above limits; without capabilities it is not.
bool drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  return ::syscall(SYS_capset, &header, none.data()) == 0;
}

}  // namespace

bool close_other_descriptors() {
  std::error_code error;
  std::vector<int> open;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end;
       entry.increment(error)) {
    const auto descriptor = parse_int(entry->path().filename().native());
    if (descriptor && *descriptor > STDERR_FILENO) open.push_back(static_cast<int>(*descriptor));
  }
  for (const int descriptor : open) ::close(descriptor);  // one of them was the listing itself
  return !error && !open.empty();
}

bool confine(std::uint64_t more_memory_bytes, double cpu_s) {
  const std::uint64_t memory = memory_bytes();
  // Programs with threads, and systems that forbid it, get no network of their own; no descriptor for a
  // socket is left to them either way.
  [[maybe_unused]] const int ignored = ::unshare(CLONE_NEWUSER | CLONE_NEWNET);
  const auto seconds = static_cast<rlim_t>(std::max(1.0, std::ceil(cpu_s)));
  return memory > 0 && drop_capabilities() && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
         limit(RLIMIT_AS, memory + more_memory_bytes, memory + more_memory_bytes) &&
         limit(RLIMIT_CPU, seconds, seconds + 1) && forbid(RLIMIT_CORE) && forbid(RLIMIT_FSIZE) &&
         forbid(RLIMIT_NPROC) && forbid(RLIMIT_NOFILE) && (!can_forbid_calls() || forbid_calls());
}

}  // namespace cohort::store
