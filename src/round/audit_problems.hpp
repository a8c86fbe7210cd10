// An audit record that nobody has checked yet: what is impossible in it, and its JSON as it stands.
#pragma once

#include "cohort/round/audit_record.hpp"
#include "round/json_fields.hpp"

namespace cohort::round {

/// Adds whatever no audit could have found: counts that contradict each other, names and keys that stand
/// twice.
void check_record(const AuditRecord& record, ProblemList& problems);

/// The members of audit.json in their order, unchecked.
Json to_json(const AuditRecord& record);

}  // namespace cohort::round
