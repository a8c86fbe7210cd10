// What each rule makes of an audit.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "cohort/round/amount.hpp"
#include "cohort/round/audit_record.hpp"
#include "cohort/round/reward.hpp"

namespace cohort::round {

/// One weight for each entry, before the unproven rate; 0 for entries that may not be paid.
std::vector<Amount> weights_of(const AuditRecord& record, const RewardOptions& options);

/// Accepted members whose Shapley value is negative: on average the others did better without them. None
/// where the audit has no coalitions.
std::set<std::string> harmful_members(const AuditRecord& record);

}  // namespace cohort::round
