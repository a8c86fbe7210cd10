// What a run of rounds and an audit of files alone have in common.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cohort/round/audit.hpp"
#include "cohort/round/audit_record.hpp"
#include "cohort/round/reward.hpp"
#include "cohort/round/rounds.hpp"

namespace cohort::round {

/// The parts' validation samples pooled, ascending, each once.
std::vector<std::int32_t> common_validation(const data::Partition& partition);

/// What a run may go on with: a finding that this machine could not come to (Verdict::transient) would make
/// the round depend on the machine's load. Throws Error naming the members.
void require_audited(std::span<const Finding> findings);

/// What is found of a candidate of whom there is no submission: no pay, no fault, as an honest run may
/// diverge. `failure`: what the run says of it; empty = nothing.
Finding nothing_handed_in(const Task& task, std::int64_t candidate, const std::string& failure);

/// For each look whether another one, good so far, has the same model.
std::vector<bool> copies_among(std::span<const FirstLook> looks);

/// What stands for one submission in the beacon.
Digest commitment_of(const AuditCase& audit, const Finding& finding);

/// What decides which links are replayed and which hidden images are used: it follows from the secret and
/// from what is examined (hold_to_first).
Digest draw_beacon(const AuditCase& audit, const Digest& secret, std::span<const Digest> commitments);

/// Whether an audit's record, where there is one, counted these hidden images; false for a damaged one.
bool counted_on(const std::filesystem::path& audit, const Digest& images);

/// What has to be beaten on the hidden images; -1 without any.
struct HiddenBaseline {
  std::int64_t majority = -1;   ///< of always answering the most frequent class of the training data
  std::int64_t incumbent = -1;  ///< of the model that the round started from
};
/// Collective.
HiddenBaseline count_baseline(Workers& workers, const data::Dataset& dataset, const data::Dataset& hidden,
                              const std::vector<std::int32_t>& images, const nn::Model& model,
                              const nn::StateLayout& layout, const Model& incumbent);

/// What a record says of so many hidden images; nothing without any.
HiddenResult hidden_result(const Digest& images, std::int64_t count, const HiddenBaseline& baseline);

/// The record that shares are computed from; `parent` is the digest of the round's model.
AuditRecord audit_record(const AuditCase& audit, const Digest& parent, const HiddenBaseline& baseline,
                         std::span<const Finding> findings);
/// The same without the data. Requires findings of the task's candidates.
AuditRecord audit_record(const Task& task, std::int64_t round, const Digest& parent,
                         const HiddenResult& hidden, std::span<const Finding> findings);
RewardOptions reward_options(const PoolRules& rules);

/// The parts' training samples pooled, ascending, each once.
std::vector<std::int32_t> pooled_training(const data::Partition& partition);

/// A round's result from its file. Throws CheckpointError when it is not the model of this digest.
Model stored_model(const std::filesystem::path& path, const nn::StateLayout& layout, const Digest& expected);

}  // namespace cohort::round
