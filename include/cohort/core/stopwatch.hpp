// Elapsed wall time, for reports only: no result depends on it.
#pragma once

#include <chrono>

namespace cohort {

/// Runs from its construction.
class Stopwatch {
 public:
  /// Seconds since construction or the last restart.
  [[nodiscard]] double elapsed_s() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  /// Counts from now on.
  void restart() { start_ = std::chrono::steady_clock::now(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace cohort
