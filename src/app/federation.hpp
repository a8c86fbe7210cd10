// The beginning of a federation: a task for members in other houses.
#pragma once

#include "cohort/data/dataset.hpp"
#include "cohort/train/trainer.hpp"
#include "command.hpp"
#include "round_options.hpp"

namespace cohort::app {

/// Writes the task of a job of rounds for the members that the options name, and the coordinator's secret,
/// into the job's --out; trains nothing. `job` is resolved, `description` tells of the start.
///
/// Throws UsageError on more than one rank and with all that is wrong with the task; CheckpointError where a
/// task is there already.
ExitCode found_federation(Context& context, const train::Job& job, const RoundOptions& options,
                          const data::Dataset& dataset, const train::RunDescription& description);

}  // namespace cohort::app
