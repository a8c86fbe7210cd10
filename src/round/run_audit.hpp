// The audit that a run wrote when a round was done, against the one that stands there now.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cohort/round/audit_record.hpp"
#include "cohort/round/task.hpp"

namespace cohort::round {

/// In what an audit is not the one that the run's round.json at `path` names, a line each. What round.json
/// and the task say of it is named ("entries.device-02.verdict: "LATE", round.json says "OK""); whatever else
/// differs shows in the digest alone. Nothing where there is no round.json.
///
/// Throws  Error for a round.json that cannot be read, DataError for a damaged one.
std::vector<std::string> differences_from_run(const std::filesystem::path& path, const AuditRecord& audit,
                                              const std::optional<Task>& task);

}  // namespace cohort::round
