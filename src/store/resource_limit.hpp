// Limits that the system keeps for a process. Not part of the module's public face.
#pragma once

#include <sys/resource.h>

#include <cstdint>

namespace cohort::store {

/// Sets a limit, and how far the process may raise it again. Returns false when the system refuses.
template <typename Resource>
bool limit(Resource resource, rlim_t soft, rlim_t hard) {
  const rlimit value{soft, hard};
  return ::setrlimit(resource, &value) == 0;
}

template <typename Resource>
bool forbid(Resource resource) {
  return limit(resource, 0, 0);
}

/// Address space in use now; 0 when the system does not say.
std::uint64_t memory_bytes();

}  // namespace cohort::store
