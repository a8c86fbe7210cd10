// How far a run has come: what a checkpoint's header carries besides the state, and the time spent by phase.
#pragma once

#include <cstdint>
#include <vector>

#include "cohort/train/checkpoint.hpp"

namespace cohort::train {

/// Plain numbers only, so that the root can broadcast them as bytes.
struct Counters {
  std::int64_t step = 0;
  std::int64_t interval_steps = 0;  ///< since the last row of the history
  double interval_loss = 0;         ///< sum over these steps
  double best_score = 0;
  std::int64_t has_best = 0;
  std::int64_t is_replayable = 1;
  std::int64_t is_resumed = 0;
  double elapsed_before_s = 0;  ///< of earlier starts
};

struct Progress {
  Counters counters;
  std::vector<HistoryRow> history;
};

/// Wall time of this start on this rank.
struct Phases {
  double compute_s = 0, reduce_s = 0, update_s = 0, validate_s = 0, checkpoint_s = 0;
  std::int64_t steps = 0;
  [[nodiscard]] double step_s() const { return compute_s + reduce_s + update_s; }
};

}  // namespace cohort::train
