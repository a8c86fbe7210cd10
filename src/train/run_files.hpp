// The files of a run, written by the root while all ranks learn of the outcome together.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cohort/comm/communicator.hpp"
#include "cohort/core/log.hpp"
#include "cohort/train/metrics.hpp"
#include "cohort/train/run_folder.hpp"
#include "cohort/train/trainer.hpp"
#include "train/run_plan.hpp"
#include "train/run_progress.hpp"

namespace cohort::train {

/// Every method is collective: the root writes, and a full disk or a lost folder ends all ranks with the same
/// words.
class RunFiles {
 public:
  RunFiles(comm::Communicator& comm, const Job& job, const RunPlan& plan, const RunDescription& description,
           Log& log);
  /// Marks the run as failed in status.json if an exception takes it down between start() and end(). A run
  /// that was refused has not failed: what the folder says of it stays.
  ~RunFiles();

  /// Creates and locks the folder and looks for a checkpoint (on the root; nothing elsewhere). Throws
  /// AgreedError.
  std::optional<Checkpoint> open(const data::Dataset& dataset);
  /// Config, command, environment; events and results cut back to the checkpoint; event "start" or "resume".
  void start(const Progress& progress);
  void epoch(const Progress& progress, const Metrics* metrics, double eta_s);
  /// Writes last.h5 (keeping the former) or best.h5; returns the state's digest in hex, on every rank.
  std::string checkpoint(bool is_best, Checkpoint& checkpoint, const nn::StateLayout& layout,
                         const Progress& progress, double elapsed_s);
  /// Event "stop" or "end" and the final status.
  void end(const std::string& event, const std::string& state, const Progress& progress,
           const std::string& digest, double elapsed_s);
  /// What end() leaves of a finished run, where it died after its last checkpoint and before that. Nothing
  /// when status.json says that it has finished, or was stopped (then its job has become shorter since).
  void make_up_for_end(const Progress& progress, const std::string& digest);

 private:
  void on_root(std::string_view doing, const std::function<void(RunFolder&)>& write);
  Json event_fields(std::int64_t step, double elapsed_s) const;
  /// On the root: what an end leaves besides its event.
  void write_end(RunFolder& folder, const std::string& state, const Progress& progress) const;

  comm::Communicator* comm_;
  const Job* job_;
  const RunPlan* plan_;
  const RunDescription* description_;
  Log* log_;
  std::optional<RunFolder> folder_;  ///< on the root, once open
  Progress last_;                    ///< for the destructor's status
  int exceptions_;
  bool is_running_ = false;
};

}  // namespace cohort::train
