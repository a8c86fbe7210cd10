// A round as JSON.
#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/store/parsed_text.hpp"
#include "round/finding_text.hpp"

namespace cohort::round {
namespace {

constexpr const char* kSchema = "cohort.round/1";

Json json_of(const std::vector<std::int64_t>& values) {
  Json json = Json::array();
  for (const std::int64_t value : values) json.push(value);
  return json;
}

Json json_of(const std::vector<std::string>& values) {
  Json json = Json::array();
  for (const std::string& value : values) json.push(value);
  return json;
}

std::vector<std::int64_t> integers(const Json& json) {
  std::vector<std::int64_t> values;
  for (const Json& value : json.as_array()) values.push_back(value.as_int());
  return values;
}

std::vector<std::string> texts(const Json& json) {
  std::vector<std::string> values;
  for (const Json& value : json.as_array()) values.push_back(value.as_string());
  return values;
}

}  // namespace

Json json_of(const Finding& finding) {
  return Json::object()
      .set("candidate", finding.candidate)
      .set("member", finding.member)
      .set("verdict", name_of(finding.verdict))
      .set("detail", finding.detail)
      .set("submission", to_hex(finding.submission))
      .set("model", to_hex(finding.model))
      .set("claim_correct", finding.claim_correct)
      .set("claim_samples", finding.claim_samples)
      .set("hidden_correct", finding.hidden_correct)
      .set("validation_correct", finding.validation_correct)
      .set("links_replayed", json_of(finding.links_replayed))
      .set("micro_batches", finding.micro_batches);
}

Finding finding_of(const Json& json) {
  Finding finding;
  finding.candidate = json.at("candidate").as_int();
  finding.member = json.at("member").as_string();
  finding.verdict = verdict_from_name(json.at("verdict").as_string());
  finding.detail = json.at("detail").as_string();
  finding.submission = digest_from_hex(json.at("submission").as_string());
  finding.model = digest_from_hex(json.at("model").as_string());
  finding.claim_correct = json.at("claim_correct").as_int();
  finding.claim_samples = json.at("claim_samples").as_int();
  finding.hidden_correct = json.at("hidden_correct").as_int();
  finding.validation_correct = json.at("validation_correct").as_int();
  finding.links_replayed = integers(json.at("links_replayed"));
  finding.micro_batches = json.at("micro_batches").as_int();
  return finding;
}

Json json_of(const std::vector<Assignment>& assignments) {
  Json json = Json::array();
  for (const Assignment& assignment : assignments) {
    Json setting = Json::object();
    for (const auto& [key, value] : assignment.setting) setting.set(key, value);
    json.push(Json::object()
                  .set("candidate", assignment.candidate)
                  .set("donor", assignment.donor)
                  .set("setting", setting));
  }
  return json;
}

std::vector<Assignment> assignments_of(const Json& json) {
  std::vector<Assignment> assignments;
  for (const Json& entry : json.as_array()) {
    Assignment assignment{entry.at("candidate").as_int(), {}, entry.at("donor").as_int()};
    for (const auto& [key, value] : entry.at("setting").as_object())
      assignment.setting.emplace_back(key, value.as_string());
    assignments.push_back(std::move(assignment));
  }
  return assignments;
}

Json to_json(const RoundRecord& record) {
  Json findings = Json::array();
  for (const Finding& finding : record.findings) findings.push(json_of(finding));
  return Json::object()
      .set("schema", kSchema)
      .set("round", record.round)
      .set("assignments", json_of(record.assignments))
      .set("findings", findings)
      .set("failures", json_of(record.failures))
      .set("halted", json_of(record.halted))
      .set("merged", json_of(record.merged))
      .set("merge_story", json_of(record.merge_story))
      .set("validation_images", record.validation_images)
      .set("hidden_images", record.hidden_images)
      .set("incumbent_validation", record.incumbent_validation)
      .set("merged_validation", record.merged_validation)
      .set("incumbent_hidden", record.incumbent_hidden)
      .set("majority_hidden", record.majority_hidden)
      .set("beacon", to_hex(record.beacon))
      .set("model", to_hex(record.model))
      .set("audit", to_hex(record.audit));
}

RoundRecord record_from_json(const Json& json) {
  if (json.at("schema").as_string() != kSchema)
    throw DataError(concat("not a round's record (schema ", kSchema, ")"));
  RoundRecord record;
  record.round = json.at("round").as_int();
  record.assignments = assignments_of(json.at("assignments"));
  for (const Json& finding : json.at("findings").as_array()) record.findings.push_back(finding_of(finding));
  record.failures = texts(json.at("failures"));
  record.halted = integers(json.at("halted"));
  record.merged = integers(json.at("merged"));
  record.merge_story = texts(json.at("merge_story"));
  record.validation_images = json.at("validation_images").as_int();
  record.hidden_images = json.at("hidden_images").as_int();
  record.incumbent_validation = json.at("incumbent_validation").as_int();
  record.merged_validation = json.at("merged_validation").as_int();
  record.incumbent_hidden = json.at("incumbent_hidden").as_int();
  record.majority_hidden = json.at("majority_hidden").as_int();
  record.beacon = digest_from_hex(json.at("beacon").as_string());
  record.model = digest_from_hex(json.at("model").as_string());
  // A run that has not named it goes on; that its audit is the run's own is not taken on trust.
  if (json.contains("audit")) record.audit = digest_from_hex(json.at("audit").as_string());
  if (record.findings.size() != record.assignments.size() ||
      record.failures.size() != record.assignments.size())
    throw DataError("a round's record is incomplete");
  return record;
}

RoundRecord read_record(const std::filesystem::path& path) {
  return store::parsed_json(path, record_from_json);
}

}  // namespace cohort::round
