// What is impossible in an audit record, for those who write it and those who read it.
#pragma once

#include "cohort/round/audit_record.hpp"
#include "round/json_fields.hpp"

namespace cohort::round {

void check_record(const AuditRecord& record, ProblemList& problems);

}  // namespace cohort::round
