// The parent's side of the reading process: starting it, hearing it with a deadline, ending it. Not part of
// the module's public face.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "store/descriptor.hpp"

namespace cohort::store {

/// A child with its standard input filled and its standard output a pipe. Ended and reaped by the destructor
/// at the latest.
class HostileProcess {
 public:
  /// Starts the reader `program` with `request` as its input. Throws Error.
  HostileProcess(const std::filesystem::path& program, std::string_view request, double wall_s);
  ~HostileProcess();
  HostileProcess(const HostileProcess&) = delete;
  HostileProcess& operator=(const HostileProcess&) = delete;

  /// Fills the span; false when the child has ended or closed its output before, or when time is up.
  bool hear(std::span<std::byte> bytes);
  /// Whether the child has closed its output with nothing left to hear.
  bool is_silent();
  [[nodiscard]] bool is_late() const { return is_late_; }
  /// Waits for the child's end, which comes by force if time is up; its status as waitpid gives it. Without
  /// one (somebody else has reaped it) -1.
  int end();
  /// Processor time that the child had used when it ended; 0 before.
  [[nodiscard]] double cpu_s() const { return cpu_s_; }

 private:
  /// Waits until there is something to read or the pipe is closed; false when time is up.
  bool wait_for_output();

  pid_t child_ = -1;
  Descriptor output_;
  std::chrono::steady_clock::time_point deadline_;
  bool is_late_ = false;
  double cpu_s_ = 0;
};

}  // namespace cohort::store
