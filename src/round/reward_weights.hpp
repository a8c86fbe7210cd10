// What each rule makes of an audit.
#pragma once

#include <vector>

#include "cohort/round/amount.hpp"
#include "cohort/round/audit_record.hpp"
#include "cohort/round/reward.hpp"

namespace cohort::round {

/// One weight for each entry, before the unproven rate; 0 for entries that may not be paid.
std::vector<Amount> weights_of(const AuditRecord& record, const RewardOptions& options);

}  // namespace cohort::round
