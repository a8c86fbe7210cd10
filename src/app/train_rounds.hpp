// cohort train with a job of rounds: candidates, audits, merges and rewards.
#pragma once

#include <filesystem>

#include "cohort/data/dataset.hpp"
#include "cohort/train/trainer.hpp"
#include "command.hpp"
#include "launch.hpp"
#include "round_options.hpp"

namespace cohort::app {

/// Collective. `job` is resolved; `description` tells of the start.
ExitCode train_in_rounds(Context& context, const train::Job& job, const RoundOptions& options,
                         const data::Dataset& dataset, const Launch& launch,
                         const train::RunDescription& description);

/// Throws CheckpointError when the folder holds a run of rounds, which a training without rounds would
/// overwrite or continue by mistake.
void refuse_folder_of_rounds(const std::filesystem::path& out);

}  // namespace cohort::app
