// A round of five members as an audit may have found it.
#pragma once

#include <array>
#include <map>
#include <string>

#include "cohort/round/audit_record.hpp"
#include "cohort/round/reward.hpp"
#include "cohort/round/rounds.hpp"

namespace cohort::round {

inline AuditEntry audited(const std::string& member, std::int64_t hidden_correct,
                          Verdict verdict = Verdict::ok) {
  AuditEntry entry;
  entry.member = member;
  entry.key = sha256("key of " + member);
  entry.submission = sha256("submission of " + member);
  entry.model = sha256("model of " + member);
  entry.verdict = verdict;
  entry.evidence = verdict == Verdict::ok_unproven ? Evidence::hidden : Evidence::replay;
  entry.claim_correct = 90;
  entry.claim_samples = 100;
  entry.hidden_correct = hidden_correct;
  entry.validation_correct = 91;
  entry.links_replayed = {1, 4, 9};
  entry.micro_batches = 400;
  return entry;
}

/// 500 hidden images, 250 of them of the largest class, 400 right by the incumbent.
inline AuditRecord audited_round() {
  AuditRecord record;
  record.task = sha256("task");
  record.round = 2;
  record.parent = sha256("parent");
  record.hidden = {sha256("hidden"), 500, 250, 400};
  record.entries = {audited("device-01", 450), audited("device-02", 430),
                    audited("device-03", 430, Verdict::ok_unproven),
                    audited("device-04", 470, Verdict::claim), audited("device-05", 390, Verdict::baseline)};
  record.entries[0].address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
  record.entries[1].address = "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359";
  record.entries[3].detail = "claimed 91 of 100, counted 90";
  record.entries[3].hidden_correct = -1;
  return record;
}

/// A task that promises a million by the default rule to the members of `record`, and becomes its task.
inline Task promised(AuditRecord& record) {
  Task task;
  task.rounds = 3;
  task.pool.pool = "1000000";
  task.audit.evidence = Evidence::replay;
  for (AuditEntry& entry : record.entries) {
    entry.evidence = Evidence::replay;
    task.members.push_back({entry.member, entry.key, entry.address});
  }
  record.task = task_digest(task);
  return task;
}

inline Finding finding_of(const AuditEntry& entry, std::int64_t candidate) {
  return {candidate,
          entry.member,
          entry.verdict,
          entry.detail,
          entry.submission,
          entry.model,
          entry.claim_correct,
          entry.claim_samples,
          entry.hidden_correct,
          entry.validation_correct,
          entry.links_replayed,
          entry.micro_batches};
}

/// What a run whose candidates are the record's members leaves of the round.
inline RoundRecord done_round(const AuditRecord& record) {
  RoundRecord done;
  done.round = record.round;
  for (const AuditEntry& entry : record.entries) {
    const auto candidate = static_cast<std::int64_t>(done.findings.size());
    done.assignments.push_back({candidate, {}, -1});
    done.failures.emplace_back();
    done.findings.push_back(finding_of(entry, candidate));
  }
  done.hidden_images = record.hidden.samples;
  done.majority_hidden = record.hidden.majority_correct;
  done.incumbent_hidden = record.hidden.incumbent_correct;
  done.audit = audit_digest(record);
  return done;
}

inline constexpr std::array<RewardRule, 3> kCountRules{RewardRule::lower_bound, RewardRule::plain,
                                                       RewardRule::rank};

inline RewardOptions by(RewardRule rule, int gamma = 1) {
  RewardOptions options;
  options.rule = rule;
  options.gamma = gamma;
  return options;
}

inline std::map<std::string, Amount> weights(const Rewards& rewards) {
  std::map<std::string, Amount> result;
  for (const MemberReward& member : rewards.members) result[member.member] = member.weight;
  return result;
}

inline std::map<std::string, Amount> amounts(const Rewards& rewards) {
  std::map<std::string, Amount> result;
  for (const MemberReward& member : rewards.members) result[member.member] = member.amount;
  return result;
}

/// All that was given or carried over.
inline Amount total(const Rewards& rewards) {
  Amount sum = rewards.carried;
  for (const MemberReward& member : rewards.members) sum += member.amount;
  return sum;
}

}  // namespace cohort::round
