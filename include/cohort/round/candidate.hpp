// One candidate's work in one round: train from the round's model, link by link, claim, sign, hand in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cohort/comm/communicator.hpp"
#include "cohort/core/digest.hpp"
#include "cohort/core/log.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/data/partition.hpp"
#include "cohort/explore/search_space.hpp"
#include "cohort/identity/keys.hpp"
#include "cohort/kernels/table.hpp"
#include "cohort/round/merge.hpp"
#include "cohort/round/submission.hpp"
#include "cohort/round/task.hpp"
#include "cohort/train/state.hpp"
#include "cohort/train/step.hpp"
#include "cohort/train/worker_pool.hpp"

namespace cohort::round {

/// What the task gives a candidate to do in one round.
struct Assignment {
  std::int64_t candidate = 0;  ///< index into Task::members
  explore::Setting setting;    ///< empty with fixed parameters
  std::int64_t donor = -1;     ///< where nothing is merged, candidate whose model it starts from; -1 = its
                               ///< own. Where models are merged always -1: it starts from the round's
};

/// Processors that compute: the same bits whatever they are.
struct Workers {
  comm::Communicator& comm;
  train::WorkerPool& pool;
  const kernels::Table<float>& table;
  /// A rank's wish to stop, asked after every step and before every pass over images; empty: never.
  std::function<bool()> wants_to_stop = {};
};

/// Everything that decides one candidate's round.
struct CandidateWork {
  const Task& task;
  std::int64_t round = 1;  ///< from 1 on
  const Assignment& assignment;
  const data::Dataset& dataset;  ///< the whole data set
  const data::Part& part;        ///< what the candidate owns of it
  const Model& parent;           ///< the same on all ranks
  /// Images that nobody else has, whose training split takes the part's place; no audit can replay that.
  const data::Dataset* own_data = nullptr;
};

/// The recipe of the work, resolved for the candidate's data; what the submission must show and a replay
/// follow.
train::Recipe work_recipe(const CandidateWork& work);

/// What the first round of a task starts from.
Model initial_model(const nn::StateLayout& layout, std::uint64_t seed);

/// The state before the first step: the parent's model, a fresh optimizer, an EMA that starts at the parent.
train::FullState starting_state(const train::Recipe& recipe, const Model& parent);

/// Counts of a model on given samples; nothing when an output of the network is not a finite number, as its
/// weights have diverged. Collective; ends early when a rank wishes to stop (an exception for whoever gave
/// the workers such a wish).
std::optional<Claim> count_claim(Workers& workers, const data::Dataset& dataset,
                                 const std::vector<std::int32_t>& samples, const nn::Model& model,
                                 const nn::StateLayout& layout, const Model& trained);

/// Correct answers of a model on given samples; none when its outputs are not finite numbers. Collective.
std::int64_t count_correct(Workers& workers, const data::Dataset& dataset,
                           const std::vector<std::int32_t>& samples, const nn::Model& model,
                           const nn::StateLayout& layout, const Model& trained);

/// Where a candidate keeps its things; a folder that all ranks of the group see.
struct CandidateFiles {
  std::filesystem::path progress;    ///< progress.json: chain so far
  std::filesystem::path links;       ///< folder of states by digest
  std::filesystem::path submission;  ///< what is handed in
};

/// What goes on beside a candidate's steps; no bit of what it hands in depends on it.
struct Upkeep {
  /// So long after the last state that was kept comes another one, the first after a minute at the latest: a
  /// kill costs no more than that. 0 = after every step.
  double keep_interval_s = 600;
  /// Called on every rank behind each step, with the number of steps done in this round; empty: nobody asks.
  std::function<void(const train::StepResult&, std::int64_t)> after_step = {};
};

enum class CandidateState { submitted, stopped, failed };

/// How a candidate's round went.
struct CandidateResult {
  CandidateState state = CandidateState::submitted;
  std::string detail;   ///< why it failed
  Digest submission{};  ///< submission_digest
  std::int64_t steps = 0;
};

/// Trains and hands in; goes on from the last state that was kept, and does nothing when the submission is
/// there already. When any rank wishes to stop, the state of that step is kept. A run that diverges, in a
/// step or in what it hands in, is a result (failed), not an error. Collective over workers.comm.
///
/// Throws AgreedError when files cannot be written or are of another task.
CandidateResult train_candidate(Workers& workers, const CandidateWork& work, const CandidateFiles& files,
                                const identity::SecretKey& key, const Upkeep& upkeep = {});

}  // namespace cohort::round
