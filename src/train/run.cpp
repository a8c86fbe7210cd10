#include "train/run.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cohort/comm/agree.hpp"
#include "cohort/core/clock.hpp"
#include "cohort/core/stop_request.hpp"
#include "cohort/core/text.hpp"
#include "cohort/train/evaluator.hpp"
#include "train/job_kernels.hpp"
#include "train/run_text.hpp"

namespace cohort::train {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
constexpr double kRedrawInterval = 0.2;  // seconds between redraws of the progress line on a terminal

}  // namespace

Run::Run(comm::Communicator& comm, const Job& job, const data::Dataset& dataset,
         const RunDescription& description, Log& log, const std::optional<StartingModel>& start)
    : comm_(comm),
      job_(job),
      dataset_(dataset),
      description_(description),
      log_(log),
      starting_model_(start),
      table_(table_of(job.execution)),
      model_(nn::build_model(job.recipe.model)),
      layout_(nn::layout_state(model_)),
      plan_(job, dataset),
      validation_(dataset.indices(data::Split::validation)),
      pool_(job.execution.threads),
      files_(comm, job_, plan_, description_, log),
      started_s_(description.started_s > 0 ? description.started_s : steady_now_s()) {}

RunResult Run::train() {
  if (!start()) return already_finished();
  while (trainee_->steps_done() < plan_.last_step) {
    validate_if_due();
    const StepResult result = step();
    if (trainee_->steps_done() == plan_.last_step) break;
    if (result.wishes.stop) return stop();
    if (result.wishes.checkpoint) save(false);
  }
  return finish();
}

StepResult Run::step() {
  const Stopwatch watch;
  const StepResult result =
      trainee_->step({wants_to_stop(), checkpoint_due(since_checkpoint_.elapsed_s(),
                                                      job_.execution.checkpoint_interval_s, has_saved_)});
  phases_.compute_s += result.compute_s;
  phases_.reduce_s += result.reduce_s;
  phases_.update_s += result.update_s;
  ++phases_.steps;
  Counters& counters = progress_.counters;
  counters.step = trainee_->steps_done();
  counters.interval_loss += result.loss;
  ++counters.interval_steps;
  interval_images_ += plan_.batch_size;
  interval_s_ += watch.elapsed_s();
  report_step(result);
  return result;
}

void Run::report_step(const StepResult& result) {
  const double interval_s = log_.is_terminal() ? kRedrawInterval : job_.execution.log_interval_s;
  if (since_line_.elapsed_s() < interval_s) return;
  since_line_.restart();
  const std::int64_t step = progress_.counters.step;
  if (log_.is_terminal())
    log_.progress(bar_line(plan_, result, step, images_per_s()));
  else
    log_.info(step_line(job_.recipe, plan_, result, step, images_per_s()));
}

bool Run::wants_to_stop() const {
  if (stop_requested() != 0) return true;
  return job_.execution.max_time_s > 0 && steady_now_s() - started_s_ >= job_.execution.max_time_s;
}

void Run::validate_if_due() {
  const bool done = !progress_.history.empty() && progress_.history.back().step == progress_.counters.step;
  if (done || !plan_.validation_due(progress_.counters.step)) return;
  const Stopwatch watch;
  const std::optional<Metrics> metrics = evaluate();
  if (metrics) confusion_ = metrics->confusion;
  add_row(metrics);
  const bool is_best = note_best(progress_.history.back());
  log_.end_progress();
  log_.info(epoch_line(job_.recipe, progress_.history.back(), eta_s(), is_best));
  files_.epoch(progress_, metrics ? &*metrics : nullptr, eta_s());
  phases_.validate_s += watch.elapsed_s();
  if (is_best) save(true);
}

std::optional<Metrics> Run::evaluate() {
  if (validation_.empty()) return std::nullopt;
  std::vector<float> parameters, statistics;
  trainee_->validated_weights(parameters, statistics);
  const std::vector<float> logits =
      predict_logits(comm_, pool_, table_, dataset_, validation_, dataset_.normalization(), model_, layout_,
                     parameters, statistics);
  std::vector<std::int32_t> truth;
  for (const std::int32_t sample : validation_)
    truth.push_back(dataset_.labels()[static_cast<std::size_t>(sample)]);
  return comm::agree(comm_, concat("validate after step ", progress_.counters.step),
                     [&] { return score(model_.classes, logits, truth); });
}

bool Run::note_best(const HistoryRow& row) {
  Counters& counters = progress_.counters;
  const double score = row_score(row, job_.execution.select_metric);
  if (!std::isfinite(score) || (counters.has_best && score <= counters.best_score)) return false;
  counters.best_score = score;
  counters.has_best = 1;
  return true;
}

void Run::add_row(const std::optional<Metrics>& metrics) {
  Counters& counters = progress_.counters;
  HistoryRow row;
  row.epoch = plan_.epoch_at(counters.step);
  row.step = counters.step;
  row.elapsed_s = elapsed_s();
  row.train_loss = counters.interval_steps > 0
                       ? counters.interval_loss / static_cast<double>(counters.interval_steps)
                       : kUndefined;
  row.validation_loss = metrics ? metrics->loss : kUndefined;
  row.accuracy = metrics ? metrics->accuracy() : kUndefined;
  row.balanced_accuracy = metrics ? metrics->balanced_accuracy() : kUndefined;
  row.auc_macro = metrics ? metrics->macro_auc().value_or(kUndefined) : kUndefined;
  row.learning_rate =
      optim::learning_rate_at(job_.recipe.schedule, job_.recipe.schedule_start + counters.step - 1);
  row.images_per_s = images_per_s();
  progress_.history.push_back(row);
  counters.interval_loss = 0;
  counters.interval_steps = 0;
  interval_images_ = 0;
  interval_s_ = 0;
}

double Run::images_per_s() const {
  return interval_s_ > 0 ? static_cast<double>(interval_images_) / interval_s_ : 0;
}

double Run::eta_s() const {
  if (phases_.steps == 0) return 0;
  return phases_.step_s() / static_cast<double>(phases_.steps) *
         static_cast<double>(plan_.last_step - progress_.counters.step);
}

}  // namespace cohort::train
