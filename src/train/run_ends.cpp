// How a run begins, is kept, and ends.
#include <algorithm>
#include <limits>

#include "cohort/core/clock.hpp"
#include "cohort/core/host.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/words.hpp"
#include "train/resume.hpp"
#include "train/run.hpp"
#include "train/run_text.hpp"

namespace cohort::train {
namespace {

Progress progress_of(const CheckpointHeader& header) {
  Progress progress;
  progress.counters.step = header.step;
  progress.counters.interval_steps = header.interval_steps;
  progress.counters.interval_loss = header.interval_loss;
  progress.counters.best_score = header.best_score;
  progress.counters.has_best = header.has_best;
  progress.counters.is_replayable = header.is_replayable;
  progress.counters.is_resumed = 1;
  progress.counters.elapsed_before_s = header.elapsed_s;
  progress.history = header.history;
  return progress;
}

void share(comm::Communicator& comm, Progress& progress) {
  comm.broadcast(std::span(&progress.counters, 1));
  std::int64_t rows = static_cast<std::int64_t>(progress.history.size());
  comm.broadcast(std::span(&rows, 1));
  progress.history.resize(static_cast<std::size_t>(rows));
  if (rows > 0) comm.broadcast(std::span(progress.history));
}

}  // namespace

bool Run::start() {
  const std::optional<Checkpoint> found = files_.open(dataset_);
  if (found) {
    progress_ = progress_of(found->header);
    forget_best_of_another_metric(found->header);
    digest_ = to_hex(found->header.state_digest);
  }
  share(comm_, progress_);
  digest_ = comm_.broadcast(digest_);
  Counters& counters = progress_.counters;
  if (counters.is_resumed && counters.step >= plan_.last_step) return false;
  if (!table_.is_replayable) counters.is_replayable = 0;

  trainee_.emplace(comm_, pool_, table_, dataset_, model_, layout_, job_.recipe);
  const FullState elsewhere;
  if (counters.is_resumed)
    trainee_->restore(found ? found->state : elsewhere);
  else if (starting_model_)
    trainee_->restore(starting_state(job_.recipe, *starting_model_));
  else
    trainee_->initialise();
  files_.start(progress_);
  log_.info(counters.is_resumed
                ? concat("resume continuing after step ", counters.step, " of ", plan_.last_step)
                : concat("resume none found, starting",
                         job_.recipe.start_model.empty()
                             ? ""
                             : concat(" from model sha256:", job_.recipe.start_model.substr(0, 12))));
  if (validation_.empty() && log_.is_root())
    log_.warning("the data set has no validation split: nothing is validated and best.h5 is not written");
  clock_.restart();
  since_checkpoint_.restart();
  return true;
}

void Run::forget_best_of_another_metric(const CheckpointHeader& header) {
  const std::string former = stored_select_metric(header);
  const std::string& now = job_.execution.select_metric;
  if (former.empty() || former == now || !header.has_best) return;
  progress_.counters.has_best = 0;
  log_.warning(concat("select_metric was ", former, " and is ", now,
                      " now: best.h5 starts afresh with the next validation, whatever was best before"));
}

CheckpointHeader Run::header() const {
  const Counters& counters = progress_.counters;
  CheckpointHeader header;
  header.numerics_version = kNumericsVersion;
  header.is_replayable = counters.is_replayable != 0;
  header.model = job_.recipe.model;
  header.classes = dataset_.classes();
  header.normalization = dataset_.normalization();
  header.validated_weights = job_.recipe.validate == Weights::ema ? "ema" : "raw";
  header.step = counters.step;
  header.epoch = plan_.epoch_at(counters.step);
  header.elapsed_s = elapsed_s();
  header.recipe = recipe_text(job_.recipe);
  header.dataset_digest = dataset_.digest();
  header.training_digest = training_data_digest(dataset_);
  header.history = progress_.history;
  header.interval_loss = counters.interval_loss;
  header.interval_steps = counters.interval_steps;
  header.best_score = counters.best_score;
  header.has_best = counters.has_best != 0;
  header.program_version = description_.program_version;
  header.created = utc_now();
  header.provenance =
      concat(description_.command, "\n", counted(comm_.ranks(), "rank"), " x ",
             counted(job_.execution.threads, "thread"), ", ", table_.name, " kernels, ", host_name(), "\n");
  header.config_toml = description_.config_toml;
  return header;
}

void Run::save(bool is_best) {
  const Stopwatch watch;
  Checkpoint checkpoint{header(), trainee_->gather()};
  digest_ = files_.checkpoint(is_best, checkpoint, layout_, progress_, elapsed_s());
  if (!is_best) since_checkpoint_.restart();
  has_saved_ = has_saved_ || !is_best;
  phases_.checkpoint_s += watch.elapsed_s();
}

RunResult Run::stop() {
  save(false);
  files_.end("stop", "checkpointed", progress_, digest_, elapsed_s());
  log_.end_progress();
  summarise();
  log_.info(concat("stopped after step ", progress_.counters.step, " of ", plan_.last_step,
                   " with a checkpoint; the same command continues"));
  return result(ExitCode::stopped_with_checkpoint);
}

RunResult Run::finish() {
  validate_if_due();
  save(false);
  files_.end("end", "finished", progress_, digest_, elapsed_s());
  log_.end_progress();
  summarise();
  log_.result(digest_line());
  return result(final_code());
}

RunResult Run::already_finished() {
  log_.info(concat("already finished: ", job_.execution.out.string(), " ended after step ",
                   progress_.counters.step, "; nothing to do"));
  files_.make_up_for_end(progress_, digest_);
  log_.result(digest_line());
  return result(final_code());
}

ExitCode Run::final_code() {
  if (job_.execution.require.empty()) return ExitCode::finished;
  const Requirement requirement = parse_requirement(job_.execution.require);
  const double value = progress_.history.empty() ? std::numeric_limits<double>::quiet_NaN()
                                                 : row_score(progress_.history.back(), requirement.metric);
  const bool reached = value >= requirement.at_least;
  log_.info(concat("required ", job_.execution.require, ": ", reached ? "reached" : "not reached", " with ",
                   score_text(value)));
  return reached ? ExitCode::finished : ExitCode::metric_not_reached;
}

void Run::summarise() {
  const auto compute_us = static_cast<std::int64_t>(phases_.compute_s * 1e6);
  const std::int64_t most_us = comm_.max(compute_us), sum_us = comm_.sum(compute_us);
  const double mean_us = static_cast<double>(sum_us) / comm_.ranks();
  const double imbalance = mean_us > 0 ? static_cast<double>(most_us) / mean_us : 1;
  for (const std::string& line : summary_lines(phases_, plan_, clock_.elapsed_s(), imbalance))
    log_.info(line);
}

std::string Run::digest_line() const {
  return concat("state sha256:", digest_, progress_.counters.is_replayable ? "" : " (not replayable)");
}

RunResult Run::result(ExitCode code) const {
  return {code,    progress_.counters.step,       progress_.history,
          digest_, progress_.counters.best_score, confusion_};
}

}  // namespace cohort::train
