#include "round/examined.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/file_lock.hpp"
#include "cohort/store/parsed_text.hpp"
#include "round/json_fields.hpp"
#include "round/round_case.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSchema = "cohort.examined/1";

struct Examined {
  std::string member;
  Digest submission{}, commitment{};
  std::vector<std::int64_t> doubted_links{};  ///< ascending
};
using Record = std::map<identity::PublicKey, Examined>;

Record record_of(const Json& json, const AuditCase& audit) {
  if (json.at("schema").as_string() != kSchema) throw DataError("not a record of what was examined");
  if (digest_from_hex(json.at("task").as_string()) != task_digest(audit.task) ||
      json.at("round").as_int() != audit.round)
    throw DataError("is of another task or round");
  Record record;
  ProblemList problems("members");
  for (const Json& member : json.at("members").as_array()) {
    identity::PublicKey key{};
    Examined examined;
    Fields fields(member, "a member", problems);
    fields.required("member", into(examined.member));
    fields.required("key", into(key));
    fields.required("submission", into(examined.submission));
    fields.required("commitment", into(examined.commitment));
    fields.optional("doubted_links", into(examined.doubted_links));
    fields.finish();
    for (const std::int64_t link : examined.doubted_links)
      if (link < 1 || link > links_of(audit.task))
        problems.add(concat("doubts link ", link, ", which is none"));
    if (!record.emplace(key, std::move(examined)).second) problems.add("a key stands twice");
  }
  problems.refuse();
  return record;
}

Record read(const fs::path& path, const AuditCase& audit) {
  if (!fs::exists(path)) return {};
  return store::parsed_json(path, [&](const Json& json) { return record_of(json, audit); });
}

void write(const fs::path& path, const AuditCase& audit, const Record& record) {
  Json members = Json::array();
  for (const auto& [key, examined] : record) {
    Json member = Json::object()
                      .set("member", examined.member)
                      .set("key", to_hex(key))
                      .set("submission", to_hex(examined.submission))
                      .set("commitment", to_hex(examined.commitment));
    if (!examined.doubted_links.empty()) {
      Json links = Json::array();
      for (const std::int64_t link : examined.doubted_links) links.push(link);
      member.set("doubted_links", std::move(links));
    }
    members.push(std::move(member));
  }
  const Json json = Json::object()
                        .set("schema", kSchema)
                        .set("task", to_hex(task_digest(audit.task)))
                        .set("round", audit.round)
                        .set("members", std::move(members));
  store::write_text_atomically(path, json.dump(1) + "\n");
}

const Member& member_of(const AuditCase& audit, const Finding& finding) {
  return audit.task.members.at(static_cast<std::size_t>(finding.candidate));
}

/// Puts on record what is not there; whether there was anything to put.
bool add_new(Record& record, const AuditCase& audit, std::span<const FirstLook> looks) {
  bool is_changed = false;
  for (const FirstLook& look : looks) {
    if (look.finding.verdict != Verdict::ok) continue;
    const Member& member = member_of(audit, look.finding);
    is_changed |= record
                      .try_emplace(member.key, Examined{member.name, look.finding.submission,
                                                        commitment_of(audit, look.finding)})
                      .second;
  }
  return is_changed;
}

/// What comes late is not looked into: its counts are as unknown as those of another round's submission.
void refuse_later(const Record& record, const AuditCase& audit, std::span<FirstLook> looks) {
  for (FirstLook& look : looks) {
    Finding& finding = look.finding;
    if (finding.verdict != Verdict::ok) continue;
    const auto found = record.find(member_of(audit, finding).key);
    if (found == record.end() || found->second.submission == finding.submission) continue;
    finding.verdict = Verdict::late;
    finding.detail = concat("comes after the submission sha256:", to_hex(found->second.submission),
                            ", by which this round has examined the member: it counts, whatever was found");
    finding.claim_correct = finding.claim_samples = -1;
    finding.micro_batches = 0;
    look.submission.reset();
  }
}

/// Of the very submission of a finding; null without one.
Examined* entry_of(Record& record, const AuditCase& audit, const Finding& finding) {
  const auto found = record.find(member_of(audit, finding).key);
  return found != record.end() && found->second.submission == finding.submission ? &found->second : nullptr;
}

/// Changes the doubted links of a finding's submission, if it is the one on record.
void change_doubts(const fs::path& path, const AuditCase& audit, const Finding& finding,
                   const std::function<void(std::vector<std::int64_t>& doubted)>& change) {
  const store::FileLock lock(path);
  Record record = read(path, audit);
  Examined* entry = entry_of(record, audit, finding);
  if (entry == nullptr) return;
  const std::vector<std::int64_t> before = entry->doubted_links;
  change(entry->doubted_links);
  if (entry->doubted_links != before) write(path, audit, record);
}

}  // namespace

std::vector<std::int64_t> doubted_links(const fs::path& path, const AuditCase& audit,
                                        const Finding& finding) {
  if (audit.task.audit.evidence != Evidence::replay) return {};
  Record record = read(path, audit);
  const Examined* entry = entry_of(record, audit, finding);
  return entry == nullptr ? std::vector<std::int64_t>{} : entry->doubted_links;
}

void doubt_links(const fs::path& path, const AuditCase& audit, const FirstLook& look, const Digest& beacon) {
  const Task& task = audit.task;
  if (task.audit.evidence != Evidence::replay || look.finding.verdict != Verdict::ok) return;
  const std::int64_t links = links_of(task);
  change_doubts(path, audit, look.finding, [&](std::vector<std::int64_t>& doubted) {
    doubted = links_to_replay(beacon, look.finding.submission, links, task.audit.links, doubted);
  });
}

void trust_replayed_links(const fs::path& path, const AuditCase& audit, const Finding& found) {
  if (audit.task.audit.evidence != Evidence::replay || found.links_replayed.empty()) return;
  change_doubts(path, audit, found, [&](std::vector<std::int64_t>& doubted) {
    std::erase_if(doubted,
                  [&](std::int64_t link) { return std::ranges::count(found.links_replayed, link) > 0; });
  });
}

std::vector<Digest> hold_to_first(const fs::path& path, const AuditCase& audit, std::span<FirstLook> looks,
                                  KeepExamined keep) {
  std::vector<Digest> commitments;
  if (audit.task.audit.evidence != Evidence::replay) {
    for (const FirstLook& look : looks)
      if (look.finding.submission != Digest{}) commitments.push_back(commitment_of(audit, look.finding));
    return commitments;
  }
  Record record = read(path, audit);
  if (Record more = record; keep == KeepExamined::yes && add_new(more, audit, looks)) {
    fs::create_directories(path.parent_path());
    const store::FileLock lock(path);
    record = read(path, audit);  // another process may have added to it meanwhile
    if (add_new(record, audit, looks)) write(path, audit, record);
  }
  refuse_later(record, audit, looks);
  for (const auto& [key, examined] : record) commitments.push_back(examined.commitment);
  return commitments;
}

}  // namespace cohort::round
