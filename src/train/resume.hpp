// Whether a run folder's checkpoint may be continued by a job.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cohort/core/log.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/train/checkpoint.hpp"
#include "cohort/train/options.hpp"

namespace cohort::train {

/// Lines for everything in which a stored run differs from the job as it is now; empty when it may continue.
/// max_steps may change: it only says where the run pauses.
std::vector<std::string> run_differences(const CheckpointHeader& stored, const Recipe& now,
                                         const data::Dataset& dataset);

/// The select metric of the job that wrote a checkpoint; empty when its configuration does not say.
std::string stored_select_metric(const CheckpointHeader& header);

/// The newest whole checkpoint of the folder, if there is any and Resume allows it. Throws UsageError when
/// Resume forbids what is found, CheckpointError when it belongs to another run or is damaged (then with the
/// ways out); else as read_newest.
std::optional<Checkpoint> checkpoint_to_continue(const std::filesystem::path& folder, const Job& job,
                                                 const data::Dataset& dataset, Log& log);

}  // namespace cohort::train
