// cohort train with a job of rounds: candidates, audits, merges and rewards.
#pragma once

#include <filesystem>
#include <optional>

#include "cohort/data/dataset.hpp"
#include "cohort/data/partition.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/round/task.hpp"
#include "cohort/train/trainer.hpp"
#include "command.hpp"
#include "launch.hpp"
#include "round_options.hpp"

namespace cohort::app {

/// What is known of a run of rounds before it is decided how its ranks work.
struct RoundsPlan {
  round::Task task;
  std::optional<data::Dataset> hidden;
  data::Partition partition;  ///< a part for each candidate
};

/// The task, its hidden images and who trains on what; with a registration for members in other houses. `job`
/// is resolved. Collective.
RoundsPlan plan_rounds(comm::Communicator& comm, const train::Job& job, const RoundOptions& options,
                       const data::Dataset& dataset,
                       const std::optional<round::Registration>& registration = std::nullopt);

/// Task and parts of a run of rounds, for people: sizes, rules, what its files will take. Warns of settings
/// that cannot do what they say.
void say_task(const round::Task& task, const data::Partition& partition, Log& log);

/// Collective. `job` has its threads; `description` tells of the start.
ExitCode train_in_rounds(Context& context, const train::Job& job, const RoundOptions& options,
                         const RoundsPlan& plan, const data::Dataset& dataset, const Launch& launch,
                         const train::RunDescription& description);

/// Throws CheckpointError when the folder holds a run of rounds, which a training without rounds would
/// overwrite or continue by mistake.
void refuse_folder_of_rounds(const std::filesystem::path& out);

}  // namespace cohort::app
