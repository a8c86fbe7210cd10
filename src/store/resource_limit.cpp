#include "store/resource_limit.hpp"

#include <unistd.h>

#include <fstream>

namespace cohort::store {

std::uint64_t memory_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  statm >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace cohort::store
