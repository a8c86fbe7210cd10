#include "round/training_progress.hpp"

#include <utility>

#include "cohort/core/text.hpp"
#include "cohort/core/words.hpp"
#include "train/run_text.hpp"

namespace cohort::round {
namespace {

constexpr double kRedrawInterval = 0.2;  // seconds between redraws of the line on a terminal

}  // namespace

TrainingProgress::TrainingProgress(Log& log, RunStatus& status, double line_interval_s,
                                   std::int64_t round_steps, std::vector<Turn> candidates)
    : log_(log),
      status_(status),
      line_interval_s_(line_interval_s),
      round_steps_(round_steps),
      candidates_(std::move(candidates)) {
  for (const Turn& candidate : candidates_) all_images_ += round_steps * candidate.batch_size;
}

void TrainingProgress::begin(std::size_t candidate) {
  candidate_ = candidate;
  since_step_.restart();
  status_.note(activity(0));
}

void TrainingProgress::after_step(const train::StepResult& result, std::int64_t step) {
  images_ += candidates_.at(candidate_).batch_size;
  trained_s_ += since_step_.elapsed_s();
  since_step_.restart();
  const Activity now = activity(step);
  status_.note(now);
  if (since_line_.elapsed_s() < (log_.is_terminal() ? kRedrawInterval : line_interval_s_)) return;
  since_line_.restart();
  const std::string line = training_line(now, result.loss);
  if (!log_.is_terminal()) return log_.info(concat("  train  ", line));
  const double left = static_cast<double>(images_left(step)) / static_cast<double>(all_images_);
  log_.progress(concat(progress_bar(1 - left), "  ", line));
}

void TrainingProgress::end() {
  status_.note({"waiting"});
}

Activity TrainingProgress::activity(std::int64_t step) const {
  Activity now{"training"};
  now.member = candidates_.at(candidate_).member;
  now.candidate = static_cast<std::int64_t>(candidate_) + 1;
  now.candidates = static_cast<std::int64_t>(candidates_.size());
  now.step = step;
  now.steps = round_steps_;
  if (trained_s_ > 0) {
    now.images_per_s = static_cast<double>(images_) / trained_s_;
    now.eta_s = static_cast<double>(images_left(step)) / now.images_per_s;
  }
  return now;
}

std::int64_t TrainingProgress::images_left(std::int64_t step) const {
  std::int64_t images = (round_steps_ - step) * candidates_.at(candidate_).batch_size;
  for (std::size_t later = candidate_ + 1; later < candidates_.size(); ++later)
    images += round_steps_ * candidates_[later].batch_size;
  return images;
}

std::string training_line(const Activity& activity, double loss) {
  const std::string place = activity.candidates == 1 ? std::string()
                                                     : concat(" (", activity.candidate, " of ",
                                                              activity.candidates, " on these ranks)");
  return concat(activity.member, place, "  step ", activity.step, "/", activity.steps, "  loss ",
                train::score_text(loss), "  ", format_fixed(activity.images_per_s, 0), " img/s  eta ",
                train::duration_text(activity.eta_s));
}

}  // namespace cohort::round
