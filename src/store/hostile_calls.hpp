// Which system calls the reading child may still make. Not part of the module's public face.
#pragma once

namespace cohort::store {

/// Whether this build, processor and system can forbid system calls to a process. Builds with a sanitizer
/// cannot: its runtime makes calls of its own.
bool can_forbid_calls();

/// From here on the process may use its memory, write to what is open, and end; every other system call fails
/// with EPERM, and so do memory that is to be executed and signals to others. Returns false when the system
/// refuses.
///
/// Requires  can_forbid_calls, no new privileges (PR_SET_NO_NEW_PRIVS), one thread.
bool forbid_calls();

}  // namespace cohort::store
