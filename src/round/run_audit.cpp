#include "round/run_audit.hpp"

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/rounds.hpp"
#include "round/audit_problems.hpp"
#include "round/json_differences.hpp"
#include "round/round_case.hpp"

namespace cohort::round {
namespace {
namespace fs = std::filesystem;

/// What the run must have written; what its record lacks is taken from the audit.
AuditRecord written_by_run(const RoundRecord& run, const Task& task, const AuditRecord& audit) {
  const HiddenBaseline baseline{run.majority_hidden, run.incumbent_hidden};
  AuditRecord record =
      audit_record(task, run.round, audit.parent,
                   hidden_result(audit.hidden.digest, run.hidden_images, baseline), run.findings);
  record.coalitions = audit.coalitions;
  return record;
}

/// Entries by member, so that a difference is named and not the whole list.
Json by_member(const AuditRecord& record) {
  Json entries = Json::object(), json = to_json(record);
  for (const Json& entry : json.at("entries").as_array()) entries.set(entry.at("member").as_string(), entry);
  return json.set("entries", std::move(entries));
}

void require_candidates_of(const Task& task, const RoundRecord& run, const fs::path& path) {
  for (const Finding& finding : run.findings)
    if (finding.candidate < 0 || finding.candidate >= static_cast<std::int64_t>(task.members.size()) ||
        finding.member != task.members[static_cast<std::size_t>(finding.candidate)].name)
      throw DataError(concat("read ", path.string(), ": candidate ", finding.candidate, ", '", finding.member,
                             "', is none of the task's"));
}

}  // namespace

std::vector<std::string> differences_from_run(const fs::path& path, const AuditRecord& audit,
                                              const std::optional<Task>& task) {
  if (!fs::exists(path)) return {};
  const RoundRecord run = read_record(path);
  std::vector<std::string> lines;
  if (task && audit.task == task_digest(*task)) {
    require_candidates_of(*task, run, path);
    lines = json_differences(by_member(audit), by_member(written_by_run(run, *task, audit)),
                             {"", "round.json says "});
  }
  const Digest digest = audit_digest(audit);
  if (lines.empty() && run.audit == Digest{})
    lines.emplace_back(
        "audit.json: round.json names no audit; an earlier version made it, which can verify it");
  else if (lines.empty() && run.audit != digest)
    lines.push_back(
        concat("audit.json: is sha256:", to_hex(digest), ", round.json names sha256:", to_hex(run.audit)));
  return lines;
}

}  // namespace cohort::round
