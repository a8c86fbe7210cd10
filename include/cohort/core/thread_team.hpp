// Threads that share a list of tasks; who does what is decided by arrival and must not matter.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace cohort {

/// `threads` threads, the caller being one of them, kept for any number of runs.
class ThreadTeam {
 public:
  /// `prepare` (if any) is called once on each thread before its first task. Throws UsageError below 1.
  explicit ThreadTeam(int threads, std::function<void()> prepare = {});
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  /// Calls task(thread, index) once for every index in [0, count); returns when all are done. The caller is
  /// thread 0. An exception in a task is rethrown here after all threads have stopped taking tasks.
  void run(std::int64_t count, const std::function<void(int thread, std::int64_t index)>& task);
  [[nodiscard]] int threads() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohort
