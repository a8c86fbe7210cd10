// The threads of one rank that compute micro-batches.
#pragma once

#include "cohort/core/thread_team.hpp"

namespace cohort::train {

/// A team whose threads have the exact float environment set. They never communicate with other ranks.
class WorkerPool : public ThreadTeam {
 public:
  explicit WorkerPool(int workers);
  /// Threads, the caller included.
  [[nodiscard]] int workers() const { return threads(); }
};

}  // namespace cohort::train
