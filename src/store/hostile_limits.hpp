// What the child gives up before it looks at a stranger's file. Not part of the module's public face.
#pragma once

#include <cstdint>

namespace cohort::store {

/// Closes every file descriptor but the three standard ones. Returns false when they cannot be listed.
bool close_other_descriptors();

/// From here on the process can open no file and no connection, write none, start no process and gain no
/// right; it may use so much more memory than it has now and so much processor time. What the system
/// grants only to some is taken where it is given: a network of its own, and a filter (hostile_calls.hpp)
/// that leaves it only the system calls of a reader, so that it can remove or execute no file either.
/// Returns false when a limit that matters was refused.
///
/// Requires  all that is to be read is read.
bool confine(std::uint64_t more_memory_bytes, double cpu_s);

}  // namespace cohort::store
