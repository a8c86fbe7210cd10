// Limits of the process itself: for a program that only looks at a file of unknown origin, with a library
// that may not be up to it.
#pragma once

#include <cstdint>

namespace cohort::store {

struct OwnLimits {
  double cpu_s = 60;                    ///< of the whole process; SIGXCPU when it is used up
  std::uint64_t more_memory_bytes = 0;  ///< address space beyond what is in use now
  std::uint64_t written_bytes = 0;      ///< how long a file may become by what it writes
};

/// From here on the process can have no more than this, and leaves no core dump. A limit that is lower
/// already stays. Throws Error when the system refuses.
void limit_own_process(const OwnLimits& limits);

}  // namespace cohort::store
