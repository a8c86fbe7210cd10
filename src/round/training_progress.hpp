// How quickly a group's candidates train and how long it will take: lines for people, and what status.json
// says.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohort/core/log.hpp"
#include "cohort/core/stopwatch.hpp"
#include "cohort/train/step.hpp"
#include "round/run_status.hpp"

namespace cohort::round {

/// A candidate whose turn comes in a round, on one group of ranks.
struct Turn {
  std::string member;
  std::int64_t batch_size = 0;  ///< images a step
};

/// The round's training of one group, as its root sees it. Measures this start alone; no result depends on
/// it.
class TrainingProgress {
 public:
  /// `line_interval_s`: time between lines where a line cannot be redrawn in place. References must outlive
  /// this.
  TrainingProgress(Log& log, RunStatus& status, double line_interval_s, std::int64_t round_steps,
                   std::vector<Turn> candidates);
  ~TrainingProgress() { log_.end_progress(); }
  TrainingProgress(const TrainingProgress&) = delete;
  TrainingProgress& operator=(const TrainingProgress&) = delete;

  /// The candidate at this place begins, or is seen to be done already.
  void begin(std::size_t candidate);
  /// Its step number `step` of the round is done.
  void after_step(const train::StepResult& result, std::int64_t step);
  /// All are trained, and the group waits for the others.
  void end();

 private:
  [[nodiscard]] Activity activity(std::int64_t step) const;
  [[nodiscard]] std::int64_t images_left(std::int64_t step) const;

  Log& log_;
  RunStatus& status_;
  const double line_interval_s_;
  const std::int64_t round_steps_;
  const std::vector<Turn> candidates_;
  std::int64_t all_images_ = 0;  ///< of the whole round
  std::size_t candidate_ = 0;
  std::int64_t images_ = 0;  ///< trained in this start
  double trained_s_ = 0;     ///< time that they took
  Stopwatch since_step_, since_line_;
};

/// "device-02 (2 of 3 on these ranks)  step 12/72  loss 0.532  612 img/s  eta 27 min".
std::string training_line(const Activity& activity, double loss);

}  // namespace cohort::round
