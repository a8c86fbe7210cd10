// Bytes that must not stay in memory after use.
#pragma once

#include <sodium.h>

#include <array>
#include <cstddef>

#include "cohort/core/error.hpp"

namespace cohort::identity {

/// Makes the library ready; every function that uses it asks first. Cheap, safe from several threads.
inline void start_sodium() {
  if (sodium_init() < 0) throw Error("keys: libsodium found no source of randomness on this machine");
}

/// Overwrites an object's bytes at the end of its scope, so that no copy of a secret is left behind.
class Wiping {
 public:
  Wiping(void* bytes, std::size_t count) : bytes_(bytes), count_(count) {}
  ~Wiping() { sodium_memzero(bytes_, count_); }
  Wiping(const Wiping&) = delete;
  Wiping& operator=(const Wiping&) = delete;

 private:
  void* bytes_;
  std::size_t count_;
};

}  // namespace cohort::identity
