// What a round begins from: the records of the rounds before it, and the models that those left.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/nn/state_layout.hpp"
#include "cohort/round/audit.hpp"
#include "cohort/round/candidate.hpp"
#include "cohort/round/merge.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/round/task.hpp"

namespace cohort::round {

/// Where a run of rounds stands between two rounds.
struct RoundStart {
  std::vector<RoundRecord> records;   ///< of the rounds before, from the first on
  Model incumbent;                    ///< what the last of them made, or the task's first model
  std::map<std::int64_t, Model> own;  ///< each candidate's newest accepted model, where nothing is merged

  /// What a candidate has to start from.
  [[nodiscard]] const Model& parent_of(const Assignment& assignment) const;
  /// What it hands in, to be examined by that; refers to this.
  [[nodiscard]] AuditSubject subject(const Assignment& assignment, const CandidateFiles& files) const;
  /// The incumbent's name in records.
  [[nodiscard]] Digest digest(const nn::StateLayout& layout) const;
  /// Submissions of the rounds before: handed in again, they are no new work.
  [[nodiscard]] std::set<Digest> spent() const;
};

/// Whether candidates go on from models of their own, as nothing is merged.
bool keeps_own_models(const Task& task);

/// How a process comes to a model: by `read`, or from the process that can read. `doing` is for messages.
using ObtainModel = std::function<Model(std::string_view doing, const std::function<Model()>& read)>;
/// By `read`.
Model read_here(std::string_view doing, const std::function<Model()>& read);

/// The start of the round behind `records`, whose files lie at `paths`; every process asks `obtain` for the
/// same models in the same order. `read` throws CheckpointError for a model that is not the recorded one.
RoundStart start_after(std::vector<RoundRecord> records, const Task& task, const nn::StateLayout& layout,
                       const RoundPaths& paths, const ObtainModel& obtain);

}  // namespace cohort::round
