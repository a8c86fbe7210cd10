#include "cohort/store/own_limits.hpp"

#include <algorithm>
#include <cmath>

#include "cohort/core/error.hpp"
#include "store/resource_limit.hpp"

namespace cohort::store {
namespace {

/// Whoever started this process may have given it less.
template <typename Resource>
bool lower(Resource resource, std::uint64_t most, std::uint64_t grace = 0) {
  rlimit now{};
  if (::getrlimit(resource, &now) != 0) return false;
  return limit(resource, std::min<rlim_t>(now.rlim_cur, most), std::min<rlim_t>(now.rlim_max, most + grace));
}

}  // namespace

void limit_own_process(const OwnLimits& limits) {
  const std::uint64_t memory = memory_bytes();
  const auto seconds = static_cast<std::uint64_t>(std::max(1.0, std::ceil(limits.cpu_s)));
  constexpr std::uint64_t to_say_so_s = 5;
  if (memory == 0 || !lower(RLIMIT_AS, memory + limits.more_memory_bytes) ||
      !lower(RLIMIT_CPU, seconds, to_say_so_s) || !lower(RLIMIT_FSIZE, limits.written_bytes) ||
      !forbid(RLIMIT_CORE))
    throw Error("limit this process before it opens a file of unknown origin: the system refuses");
}

}  // namespace cohort::store
