// One training run: set up, loop, end.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cohort/core/stopwatch.hpp"
#include "cohort/kernels/table.hpp"
#include "cohort/nn/state_layout.hpp"
#include "cohort/train/step.hpp"
#include "cohort/train/trainer.hpp"
#include "cohort/train/worker_pool.hpp"
#include "train/run_files.hpp"

namespace cohort::train {

class Run {
 public:
  /// Requires a resolved job without problems.
  Run(comm::Communicator& comm, const Job& job, const data::Dataset& dataset,
      const RunDescription& description, Log& log, const std::optional<StartingModel>& start);
  ~Run() { log_.end_progress(); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  /// Collective.
  RunResult train();

 private:
  /// Opens the folder and takes up a checkpoint or initial values; false when the run had already ended.
  bool start();
  StepResult step();
  void validate_if_due();
  std::optional<Metrics> evaluate();
  void add_row(const std::optional<Metrics>& metrics);
  /// Takes note of a row's score; true when it is strictly better than all before.
  bool note_best(const HistoryRow& row);
  void save(bool is_best);
  /// On the root: scores of another select metric are no measure for what comes.
  void forget_best_of_another_metric(const CheckpointHeader& header);
  void report_step(const StepResult& result);

  RunResult stop();
  RunResult finish();
  RunResult already_finished();
  RunResult result(ExitCode code) const;
  /// finished, or metric_not_reached.
  ExitCode final_code();
  void summarise();

  [[nodiscard]] bool wants_to_stop() const;
  [[nodiscard]] CheckpointHeader header() const;
  [[nodiscard]] double elapsed_s() const { return progress_.counters.elapsed_before_s + clock_.elapsed_s(); }
  [[nodiscard]] double images_per_s() const;
  [[nodiscard]] double eta_s() const;
  [[nodiscard]] std::string digest_line() const;

  comm::Communicator& comm_;
  const Job& job_;
  const data::Dataset& dataset_;
  const RunDescription& description_;
  Log& log_;
  const std::optional<StartingModel> starting_model_;

  const kernels::Table<float>& table_;
  const nn::Model model_;
  const nn::StateLayout layout_;
  const RunPlan plan_;
  const std::vector<std::int32_t> validation_;  ///< samples of the validation split
  WorkerPool pool_;
  RunFiles files_;
  std::optional<Trainee> trainee_;

  Progress progress_;
  Phases phases_;
  double started_s_;  ///< steady clock
  Stopwatch clock_, since_checkpoint_, since_line_;
  bool has_saved_ = false;  ///< last.h5, in this start
  double interval_s_ = 0;   ///< training time of this start since the last row, for images per second
  std::int64_t interval_images_ = 0;
  std::string digest_;  ///< hex, of the last state saved
  Confusion confusion_;
};

}  // namespace cohort::train
