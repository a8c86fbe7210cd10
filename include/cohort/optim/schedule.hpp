// Learning rate as a pure function of the step, so that a resumed run cannot differ.
#pragma once

#include <cstdint>
#include <string_view>

namespace cohort::optim {

/// The shapes that learning_rate_at defines.
enum class ScheduleKind { constant, cosine, step, one_cycle };

/// Which shape, and its measures; steps count optimizer steps.
struct ScheduleOptions {
  ScheduleKind kind = ScheduleKind::one_cycle;
  double learning_rate = 0.1;  ///< the peak
  double minimum = 0;          ///< cosine's floor
  std::int64_t total_steps = 1;
  std::int64_t warmup_steps = 0;  ///< linear from learning_rate / warmup_steps (constant, cosine, step)
  std::int64_t step_size = 1;     ///< step: multiply by `gamma` each step_size steps after the warm-up
  double gamma = 0.1;
  double rise_fraction = 0.3;  ///< one_cycle: part of the run that rises (PyTorch OneCycleLR's pct_start)
  double start_divisor = 25;   ///< one_cycle: start = learning_rate / start_divisor
  double final_divisor = 1e4;  ///< one_cycle: end = start / final_divisor
};

/// "constant", "cosine", "step" or "one_cycle".
std::string_view name_of(ScheduleKind kind);

/// Throws UsageError listing every option that makes no schedule.
void check_schedule(const ScheduleOptions& options);

/// The rate used by step `step` (0-based), through exact math. After the warm-up of W steps, with t = step -
/// W:
///
///   constant   learning_rate
///   cosine     minimum + (learning_rate - minimum) * (1 + cos(pi * t / (total_steps - W))) / 2
///   step       learning_rate multiplied by gamma floor(t / step_size) times
///   one_cycle  (no warm-up) PyTorch's two phases with cosine annealing: up from learning_rate /
///   start_divisor
///              over rise_fraction * total_steps - 1 steps, then down to that start / final_divisor
///
/// Steps at and beyond total_steps keep the schedule's end.
double learning_rate_at(const ScheduleOptions& options, std::int64_t step);

}  // namespace cohort::optim
