// An audit record that nobody has checked yet: what is impossible in it, and its JSON as it stands.
#pragma once

#include "cohort/round/audit_record.hpp"
#include "round/json_fields.hpp"

namespace cohort::round {

void check_record(const AuditRecord& record, ProblemList& problems);

Json to_json(const AuditRecord& record);

}  // namespace cohort::round
