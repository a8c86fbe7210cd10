#include "cohort/round/audit_record.hpp"

#include <algorithm>
#include <set>

#include "cohort/core/text.hpp"
#include "cohort/core/visible.hpp"
#include "cohort/round/address.hpp"
#include "cohort/round/interval.hpp"
#include "cohort/round/shapley.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/parsed_text.hpp"
#include "round/audit_problems.hpp"

namespace cohort::round {
namespace {

constexpr std::size_t kLongestName = 100;
constexpr std::size_t kLongestDetail = 1000;

void check_range(ProblemList& problems, const std::string& what, std::int64_t value, std::int64_t least,
                 std::int64_t most) {
  if (value < least || value > most)
    problems.add(concat(what, " is ", value, ", expected ", least, " to ", most));
}

void check_entry(ProblemList& problems, const AuditRecord& record, const AuditEntry& entry) {
  const auto at = [&](std::string_view field) { return concat(entry.member, ": ", field); };
  if (entry.member.empty() || entry.member.size() > kLongestName || !is_plain_text(entry.member))
    problems.add("a member's name is empty, longer than 100 bytes or not plain text");
  if (entry.detail.size() > kLongestDetail || !is_plain_text(entry.detail))
    problems.add(concat(entry.member, ": detail is longer than 1000 bytes or not plain text"));
  if (!entry.address.empty())
    problems.collect(entry.member, [&] { static_cast<void>(address_from_text(entry.address)); });
  check_range(problems, at("claim_samples"), entry.claim_samples, -1, kMostSamples);
  check_range(problems, at("claim_correct"), entry.claim_correct, -1,
              std::max<std::int64_t>(entry.claim_samples, -1));
  check_range(problems, at("hidden_correct"), entry.hidden_correct, -1, record.hidden.samples);
  if (entry.evidence == Evidence::claim && entry.hidden_correct >= 0)
    problems.add(concat(at("hidden_correct"), " is ", entry.hidden_correct,
                        ", but evidence claim counts no hidden images (-1)"));
  check_range(problems, at("validation_correct"), entry.validation_correct, -1, kMostSamples);
  check_range(problems, at("micro_batches"), entry.micro_batches, 0, INT64_MAX);
  const auto& links = entry.links_replayed;
  if (std::adjacent_find(links.begin(), links.end(), std::greater_equal<>()) != links.end() ||
      (!links.empty() && links.front() < 1))
    problems.add(at("links_replayed are not ascending from 1"));
}

void check_coalitions(ProblemList& problems, const AuditRecord& record) {
  const Coalitions& coalitions = *record.coalitions;
  const std::size_t players = coalitions.members.size();
  if (players > kMostPlayers || coalitions.utilities.size() != std::size_t{1} << players) {
    problems.add(concat("coalitions: ", players, " members and ", coalitions.utilities.size(),
                        " utilities; expected at most ", kMostPlayers, " and 2^N"));
    return;
  }
  for (const std::int64_t utility : coalitions.utilities)
    check_range(problems, "coalitions: a utility", utility, 0, record.hidden.samples);
  std::set<Digest> models;
  for (const std::string& member : coalitions.members) {
    const auto entry = std::find_if(record.entries.begin(), record.entries.end(),
                                    [&](const AuditEntry& e) { return e.member == member; });
    if (entry == record.entries.end())
      problems.add(concat("coalitions: ", member, " has no entry"));
    else if (!may_merge(entry->verdict))
      problems.add(concat("coalitions: ", member, " was refused (", name_of(entry->verdict), ")"));
    else if (!models.insert(entry->model).second)
      problems.add(concat("coalitions: ", member, " has the same model as another; copies count once"));
  }
}

}  // namespace

void check_record(const AuditRecord& record, ProblemList& problems) {
  check_range(problems, "round", record.round, 1, INT64_MAX);
  check_range(problems, "hidden.samples", record.hidden.samples, 0, kMostSamples);
  check_range(problems, "hidden.majority_correct", record.hidden.majority_correct, 0, record.hidden.samples);
  check_range(problems, "hidden.incumbent_correct", record.hidden.incumbent_correct, 0,
              record.hidden.samples);
  std::set<identity::PublicKey> keys;
  for (std::size_t i = 0; i < record.entries.size(); ++i) {
    const AuditEntry& entry = record.entries[i];
    check_entry(problems, record, entry);
    if (!keys.insert(entry.key).second) problems.add(concat(entry.member, ": the key is another entry's"));
    if (i > 0 && entry.member <= record.entries[i - 1].member)
      problems.add(concat(entry.member, ": members are not ascending, or one stands twice"));
  }
  if (record.coalitions) check_coalitions(problems, record);
}

std::int64_t baseline_correct(const HiddenResult& hidden) {
  return std::max(hidden.majority_correct, hidden.incumbent_correct);
}

bool has_accepted(const AuditRecord& record) {
  return std::any_of(record.entries.begin(), record.entries.end(),
                     [](const AuditEntry& entry) { return may_merge(entry.verdict); });
}

Digest audit_digest(const AuditRecord& record) {
  return sha256(audit_text(record));
}

void write_audit(const std::filesystem::path& path, const AuditRecord& record) {
  store::write_text_atomically(path, audit_text(record));
}

AuditRecord read_audit(const std::filesystem::path& path) {
  return store::parsed_text(path, audit_from_text);
}

}  // namespace cohort::round
