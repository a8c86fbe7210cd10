// audit.json to and from text.
#include <algorithm>

#include "cohort/core/text.hpp"
#include "cohort/round/audit_record.hpp"
#include "round/audit_problems.hpp"

namespace cohort::round {
namespace {

constexpr std::string_view kSchema = "cohort.audit/1";

Json integers(const std::vector<std::int64_t>& values) {
  Json array = Json::array();
  for (const std::int64_t value : values) array.push(value);
  return array;
}

Json to_json(const HiddenResult& hidden) {
  return Json::object()
      .set("digest", to_hex(hidden.digest))
      .set("samples", hidden.samples)
      .set("majority_correct", hidden.majority_correct)
      .set("incumbent_correct", hidden.incumbent_correct);
}

Json to_json(const AuditEntry& entry) {
  return Json::object()
      .set("member", entry.member)
      .set("key", to_hex(entry.key))
      .set("address", entry.address)
      .set("submission", to_hex(entry.submission))
      .set("model", to_hex(entry.model))
      .set("verdict", name_of(entry.verdict))
      .set("evidence", name_of(entry.evidence))
      .set("claim_correct", entry.claim_correct)
      .set("claim_samples", entry.claim_samples)
      .set("hidden_correct", entry.hidden_correct)
      .set("validation_correct", entry.validation_correct)
      .set("links_replayed", integers(entry.links_replayed))
      .set("micro_batches", entry.micro_batches)
      .set("detail", entry.detail);
}

Json to_json(const Coalitions& coalitions) {
  Json members = Json::array();
  for (const std::string& member : coalitions.members) members.push(member);
  return Json::object().set("members", std::move(members)).set("utilities", integers(coalitions.utilities));
}

HiddenResult read_hidden(const Json& json, ProblemList& problems) {
  HiddenResult hidden;
  Fields fields(json, "hidden", problems);
  fields.required("digest", into(hidden.digest));
  fields.required("samples", into(hidden.samples));
  fields.required("majority_correct", into(hidden.majority_correct));
  fields.required("incumbent_correct", into(hidden.incumbent_correct));
  fields.finish();
  return hidden;
}

AuditEntry read_entry(const Json& json, const std::string& place, ProblemList& problems) {
  AuditEntry entry;
  Fields fields(json, place, problems);
  fields.required("member", into(entry.member));
  fields.required("key", into(entry.key));
  fields.required("address", into(entry.address));
  fields.required("submission", into(entry.submission));
  fields.required("model", into(entry.model));
  fields.required("verdict", into(entry.verdict, verdict_from_name));
  fields.required("evidence", into(entry.evidence, evidence_from_name));
  fields.required("claim_correct", into(entry.claim_correct));
  fields.required("claim_samples", into(entry.claim_samples));
  fields.required("hidden_correct", into(entry.hidden_correct));
  fields.required("validation_correct", into(entry.validation_correct));
  fields.required("links_replayed", into(entry.links_replayed));
  fields.required("micro_batches", into(entry.micro_batches));
  fields.required("detail", into(entry.detail));
  fields.finish();
  return entry;
}

Coalitions read_coalitions(const Json& json, ProblemList& problems) {
  Coalitions coalitions;
  Fields fields(json, "coalitions", problems);
  fields.required("members", [&](const Json& members) {
    for (const Json& member : members.as_array()) coalitions.members.push_back(member.as_string());
  });
  fields.required("utilities", into(coalitions.utilities));
  fields.finish();
  return coalitions;
}

}  // namespace

std::string audit_text(AuditRecord record) {
  std::sort(record.entries.begin(), record.entries.end(),
            [](const AuditEntry& a, const AuditEntry& b) { return a.member < b.member; });
  ProblemList problems("audit record");
  check_record(record, problems);
  problems.refuse();
  return to_json(record).dump(2) + "\n";
}

Json to_json(const AuditRecord& record) {
  Json entries = Json::array();
  for (const AuditEntry& entry : record.entries) entries.push(to_json(entry));
  Json json = Json::object()
                  .set("schema", kSchema)
                  .set("task", to_hex(record.task))
                  .set("round", record.round)
                  .set("parent", to_hex(record.parent))
                  .set("demonstration", record.is_demonstration)
                  .set("hidden", to_json(record.hidden))
                  .set("entries", std::move(entries));
  if (record.is_partial) json.set("partial", true);
  if (record.coalitions) json.set("coalitions", to_json(*record.coalitions));
  return json;
}

AuditRecord audit_from_text(std::string_view text) {
  const Json json = Json::parse(text);
  if (!json.contains("schema") || json.at("schema").as_string() != kSchema)
    throw DataError(concat("not an audit record: its schema is not ", kSchema));
  AuditRecord record;
  ProblemList problems("audit record");
  Fields fields(json, "", problems);
  fields.required("schema", [](const Json&) {});
  fields.required("task", into(record.task));
  fields.required("round", into(record.round));
  fields.required("parent", into(record.parent));
  fields.required("demonstration", into(record.is_demonstration));
  fields.required("hidden", [&](const Json& hidden) { record.hidden = read_hidden(hidden, problems); });
  fields.required("entries", [&](const Json& entries) {
    for (const Json& entry : entries.as_array())
      record.entries.push_back(read_entry(entry, concat("entries[", record.entries.size(), "]"), problems));
  });
  fields.optional("partial", into(record.is_partial));
  fields.optional("coalitions",
                  [&](const Json& coalitions) { record.coalitions = read_coalitions(coalitions, problems); });
  fields.finish();
  problems.refuse();
  check_record(record, problems);
  problems.refuse();
  return record;
}

}  // namespace cohort::round
