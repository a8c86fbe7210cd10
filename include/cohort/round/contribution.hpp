// One member's part of a round, trained in its own house: what a run of rounds does for each of its
// candidates.
#pragma once

#include <cstdint>

#include "cohort/comm/communicator.hpp"
#include "cohort/core/log.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/identity/keys.hpp"
#include "cohort/round/candidate.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/round/task.hpp"
#include "cohort/train/options.hpp"
#include "cohort/train/trainer.hpp"

namespace cohort::round {

/// Whose part of which round, and all that decides what becomes of it.
struct Contribution {
  const Task& task;
  std::int64_t round = 1;   ///< from 1 on
  std::int64_t member = 0;  ///< index into Task::members
  const data::Part& part;   ///< of the task's data (filed_partition)
  const Model& parent;      ///< what the round starts from; looked at on the root alone
  const identity::SecretKey& key;
  const data::Dataset* own_data = nullptr;  ///< trained on in place of the member's part (CandidateWork)
};

/// All that keeps a member in another house from training its part, at once; empty when nothing does: a round
/// or member that the task does not have, another key than the task's, parameters that the coordinator's run
/// would assign, a merge rule without a common model, another numerics_version.
std::vector<std::string> contribution_problems(const Task& task, std::int64_t round,
                                               const std::string& member, const identity::PublicKey& key);

/// Trains the part, or goes on with it, in execution.out, a folder of the form of a run of rounds
/// (RoundPaths): the submission, the states at its links, log and status. The submission's bits follow from
/// the task, the round, the key, the parent and the own data alone. Collective.
///
/// Requires  no contribution_problems(); a parent of the task's architecture.
/// Throws    AgreedError when the folder holds another task or an ordinary run, or has begun the round on
/// other
///           data; when own data are of another form (size, classes, normalisation) or the task asks for
///           replay, which they do not allow; or when files cannot be read or written.
CandidateResult contribute(comm::Communicator& comm, const Contribution& contribution,
                           const train::Execution& execution, const data::Dataset& dataset,
                           const train::RunDescription& description, Log& log);

/// One step of the part with nothing written: shapes, memory, time. Collective.
///
/// Requires  and throws as contribute.
void dry_run(comm::Communicator& comm, const Contribution& contribution, const train::Execution& execution,
             const data::Dataset& dataset, Log& log);

}  // namespace cohort::round
