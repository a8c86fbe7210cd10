// A submission made from a model that was trained elsewhere: confirmed by counts, never proved by replay.
#pragma once

#include <filesystem>
#include <string>

#include "cohort/identity/keys.hpp"
#include "cohort/round/submission.hpp"
#include "cohort/round/task.hpp"
#include "trained_model.hpp"

namespace cohort::app {

/// Whose model, for which round of which task.
struct ClaimOrder {
  std::filesystem::path model, parent;  ///< checkpoints; no parent = the task's first model
  std::filesystem::path metrics;        ///< metrics.json of `cohort evaluate` on the validation part
  std::string member;
  std::int64_t round = 0;
};

/// The signed submission with its layout. Its recipe is the one that the task gives the member for the round;
/// its chain has a beginning alone.
///
/// Throws DataError with all that an audit would refuse: a task that asks for replay or assigns parameters, a
/// round or member that it does not have, another key, numerics_version, classes or recipe (but for the seed
/// and the place in the schedule, which ordinary training cannot be told), more steps than the round ends at,
/// counts of another model.
round::Submission claimed_submission(const ClaimOrder& order, const round::Task& task,
                                     const identity::SecretKey& key, const TrainedModel& trained);

}  // namespace cohort::app
