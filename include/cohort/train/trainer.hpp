// The training run from start or checkpoint to its end: the loop, its validations, checkpoints and stops.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cohort/comm/communicator.hpp"
#include "cohort/core/error.hpp"
#include "cohort/core/json.hpp"
#include "cohort/core/log.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/train/checkpoint.hpp"
#include "cohort/train/metrics.hpp"
#include "cohort/train/options.hpp"
#include "cohort/train/starting_state.hpp"

namespace cohort::train {

/// What a run records of where it came from.
struct RunDescription {
  std::string program_version;
  std::string command;      ///< command line as typed
  std::string config_toml;  ///< resolved configuration, stored in the run folder and in every checkpoint
  Json environment;         ///< hosts, ranks, threads, libraries
  double started_s = 0;     ///< steady clock at the process start, for max_time; 0 = when training starts
};

/// How a run ended.
struct RunResult {
  ExitCode code = ExitCode::finished;
  std::int64_t steps = 0;
  std::vector<HistoryRow> history;
  std::string state_digest;  ///< hex, of the final state
  double best_score = 0;
  Confusion confusion;  ///< of this start's last validation; no classes when there was none
};

/// Trains. Starts or continues according to Execution::resume; refuses a checkpoint of another recipe, data
/// set or numerics_version and shows the difference. On SIGUSR1/USR2/TERM/INT or max_time checkpoints after
/// the current step and returns stopped_with_checkpoint. Ends with a summary of time by phase. `start` is
/// what a new run begins from, as Recipe::start_model says; the same on all ranks. Collective.
///
/// Throws AgreedError when all ranks fail alike (non-finite gradients, refused checkpoint).
RunResult run_training(comm::Communicator& comm, const Job& job, const data::Dataset& dataset,
                       const RunDescription& description, Log& log,
                       const std::optional<StartingModel>& start = std::nullopt);

/// One step on one batch with nothing written: shapes, parameters, memory per rank, steps, time of the step.
/// Collective.
void dry_run(comm::Communicator& comm, const Job& job, const data::Dataset& dataset, Log& log);

/// Bytes the most loaded rank (the root) will hold: parameters, optimizer slice, accumulator, worker arenas,
/// and the state gathered for a checkpoint; without the mapped data. Not collective.
std::uint64_t estimate_memory(const Job& job, const nn::Model& model, int ranks);

}  // namespace cohort::train
