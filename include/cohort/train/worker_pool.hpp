// Threads of one rank that share a list of tasks; who does what is decided by arrival and must not matter.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace cohort::train {

/// `workers` threads, the caller being one of them. Each has the exact float environment set. An exception in
/// a task is rethrown by run() after all workers have stopped taking tasks. Workers never communicate with
/// other ranks.
class WorkerPool {
 public:
  explicit WorkerPool(int workers);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Calls task(worker, index) once for every index in [0, count); returns when all are done.
  void run(std::int64_t count, const std::function<void(int worker, std::int64_t index)>& task);
  [[nodiscard]] int workers() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohort::train
