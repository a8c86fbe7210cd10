#include "cohort/optim/schedule.hpp"

#include <algorithm>
#include <string>

#include "cohort/core/error.hpp"
#include "cohort/core/exact_math.hpp"
#include "cohort/core/text.hpp"

namespace cohort::optim {
namespace {

/// From `start` at fraction 0 to `end` at fraction 1 along half a cosine.
double anneal(double start, double end, double fraction) {
  return end + (start - end) / 2 * (exact::cos(exact::kPi * fraction) + 1);
}

double cosine_rate(const ScheduleOptions& options, std::int64_t step) {
  const std::int64_t length = options.total_steps - options.warmup_steps;
  if (step >= length) return options.minimum;
  const double fraction = static_cast<double>(step) / static_cast<double>(length);
  return options.minimum +
         (options.learning_rate - options.minimum) * (1 + exact::cos(exact::kPi * fraction)) / 2;
}

double step_rate(const ScheduleOptions& options, std::int64_t step) {
  double rate = options.learning_rate;
  for (std::int64_t drop = step / options.step_size; drop > 0 && rate != 0; --drop) rate *= options.gamma;
  return rate;
}

/// PyTorch counts a phase by its last step: the rise ends at rise_fraction * total_steps - 1, which need not
/// be a whole number, and the fall at total_steps - 1.
double one_cycle_rate(const ScheduleOptions& options, std::int64_t step) {
  const double at = static_cast<double>(std::min(step, options.total_steps - 1));
  const double rise_end = options.rise_fraction * static_cast<double>(options.total_steps) - 1;
  const double fall_end = static_cast<double>(options.total_steps - 1);
  const double start = options.learning_rate / options.start_divisor;
  const double end = start / options.final_divisor;
  if (at <= rise_end) return anneal(start, options.learning_rate, rise_end > 0 ? at / rise_end : 1);
  return anneal(options.learning_rate, end,
                fall_end > rise_end ? (at - rise_end) / (fall_end - rise_end) : 1);
}

}  // namespace

std::string_view name_of(ScheduleKind kind) {
  switch (kind) {
    case ScheduleKind::constant:
      return "constant";
    case ScheduleKind::cosine:
      return "cosine";
    case ScheduleKind::step:
      return "step";
    case ScheduleKind::one_cycle:
      return "one_cycle";
  }
  return "";
}

void check_schedule(const ScheduleOptions& options) {
  std::string problems;
  const auto check = [&](bool ok, const char* text) {
    if (!ok) problems += concat(problems.empty() ? "" : "; ", text);
  };
  const bool warms_up = options.kind != ScheduleKind::one_cycle;
  check(options.learning_rate > 0 && options.learning_rate < 1e9,
        "the learning rate must be above 0 (and finite)");
  check(options.minimum >= 0 && options.minimum <= options.learning_rate,
        "the minimum must lie between 0 and the learning rate");
  check(options.total_steps >= 1, "there must be at least one step");
  check(options.warmup_steps >= 0, "the warm-up cannot be negative");
  check(!warms_up || options.warmup_steps <= options.total_steps, "the warm-up is longer than the run");
  check(options.step_size >= 1, "step_size must be at least 1");
  check(options.gamma >= 0 && options.gamma <= 1, "gamma must lie between 0 and 1");
  check(options.rise_fraction >= 0 && options.rise_fraction <= 1, "rise_fraction must lie between 0 and 1");
  check(options.start_divisor >= 1 && options.final_divisor >= 1,
        "start_divisor and final_divisor must be at least 1");
  if (!problems.empty()) throw UsageError("schedule: " + problems);
}

double learning_rate_at(const ScheduleOptions& options, std::int64_t step) {
  require(step >= 0, "learning_rate_at: the step is negative");
  if (options.kind == ScheduleKind::one_cycle) return one_cycle_rate(options, step);
  if (step < options.warmup_steps) {
    return options.learning_rate * static_cast<double>(step + 1) / static_cast<double>(options.warmup_steps);
  }
  const std::int64_t after = step - options.warmup_steps;
  switch (options.kind) {
    case ScheduleKind::cosine:
      return cosine_rate(options, after);
    case ScheduleKind::step:
      return step_rate(options, after);
    default:
      return options.learning_rate;
  }
}

}  // namespace cohort::optim
