// What every group of members would have been worth, which rule shapley shares by.
#pragma once

#include <optional>
#include <span>

#include "cohort/round/audit.hpp"
#include "cohort/round/audit_record.hpp"
#include "round/round_case.hpp"

namespace cohort::round {

/// Correct answers on the round's hidden images of the averages of all sub-coalitions of different accepted
/// models, weighted by training images; nothing where the task has no pool that is shared by them, or nobody
/// was accepted. Collective.
///
/// Requires  at most kMostPlayers members, which a task of that rule ensures.
/// Cost      one pass over the hidden images for each of 2^N - 1 averages.
std::optional<Coalitions> count_coalitions(Workers& workers, const AuditCase& audit, const nn::Model& model,
                                           const nn::StateLayout& layout, const HiddenBaseline& baseline,
                                           std::span<const MergeMember> accepted);

}  // namespace cohort::round
