// What the audit found becomes a record that anybody can recompute the shares from.
#include <algorithm>

#include "cohort/core/text.hpp"
#include "cohort/round/audit_record.hpp"
#include "cohort/round/reward_files.hpp"
#include "round/round_run.hpp"

namespace cohort::round {
namespace {

constexpr std::size_t kMostDetail = 1000;

AuditEntry entry_of(const Finding& finding, const Member& member, Evidence evidence) {
  AuditEntry entry;
  entry.member = member.name;
  entry.key = member.key;
  entry.address = member.address;
  entry.submission = finding.submission;
  entry.model = finding.model;
  entry.verdict = finding.verdict;
  entry.evidence = evidence;
  entry.claim_correct = finding.claim_correct;
  entry.claim_samples = finding.claim_samples;
  entry.hidden_correct = finding.hidden_correct;
  entry.validation_correct = finding.validation_correct;
  entry.links_replayed = finding.links_replayed;
  entry.micro_batches = finding.micro_batches;
  entry.detail = finding.detail.substr(0, kMostDetail);
  return entry;
}

std::string share_line(const MemberReward& member, const Amount& pool) {
  return concat("  reward ", member.member, "  ", member.amount.to_decimal(), " of ", pool.to_decimal(),
                "  (weight ", member.weight.to_decimal(), ", ", name_of(member.verdict), ")");
}

}  // namespace

RewardOptions reward_options(const PoolRules& rules) {
  RewardOptions options;
  options.rule = reward_rule_from_name(rules.rule);
  options.gamma = rules.gamma;
  options.unproven_rate = {rules.unproven_numerator, rules.unproven_denominator};
  options.is_demonstration = rules.is_demonstration;
  return options;
}

/// Correct hidden answers of the averages of all sub-coalitions of different accepted models. Collective.
std::optional<Coalitions> RoundRun::coalitions(const RoundWork& work, std::span<const MergeMember> members) {
  if (hidden_ == nullptr || members.empty() || reward_rule_from_name(task_.pool.rule) != RewardRule::shapley)
    return std::nullopt;
  Coalitions all;
  std::vector<MergeMember> players;
  std::vector<Digest> models;
  for (const MergeMember& member : members) {
    const Digest model = model_digest(layout_, member.parameters, member.statistics);
    if (std::ranges::find(models, model) != models.end()) continue;
    models.push_back(model);
    players.push_back(member);
    all.members.push_back(name_of_candidate(member.id));
  }
  Workers workers{world_, pool_, table_};
  all.utilities.push_back(std::max(work.majority_hidden, work.incumbent_hidden));
  for (std::size_t subset = 1; subset < std::size_t{1} << players.size(); ++subset) {
    std::vector<MergeMember> in;
    std::vector<std::int64_t> weights;
    for (std::size_t i = 0; i < players.size(); ++i)
      if (subset >> i & 1) {
        in.push_back(players[i]);
        weights.push_back(players[i].samples);
      }
    const Model mean = average(table_, layout_, in, weights);
    all.utilities.push_back(
        count_claim(workers, *hidden_, work.hidden_images, model_, layout_, mean).correct);
  }
  return all;
}

void RoundRun::pay(const RoundWork& work, const Digest& parent, std::optional<Coalitions> coalitions) {
  if (hidden_ == nullptr) return;
  std::vector<std::string> lines;
  on_root(concat("reward round ", work.round), [&] {
    AuditRecord record;
    record.task = task_digest_;
    record.round = work.round;
    record.parent = parent;
    record.is_demonstration = task_.pool.is_demonstration;
    record.hidden = {hidden_->subset_digest(work.hidden_images),
                     static_cast<std::int64_t>(work.hidden_images.size()), work.majority_hidden,
                     work.incumbent_hidden};
    for (const Finding& finding : work.findings)
      record.entries.push_back(entry_of(
          finding, task_.members.at(static_cast<std::size_t>(finding.candidate)), task_.audit.evidence));
    std::ranges::sort(record.entries, {}, &AuditEntry::member);
    record.coalitions = std::move(coalitions);
    if (task_.pool.pool.empty() || !has_accepted(record)) {
      write_audit(paths_.round(work.round) / "audit.json", record);
      if (!task_.pool.pool.empty())
        lines.emplace_back("  reward nothing was accepted: the pool is carried over");
      return;
    }
    const Rewards rewards =
        compute_rewards(record, Amount::from_decimal(task_.pool.pool), reward_options(task_.pool));
    write_rewards(paths_.round(work.round), record, rewards);
    for (const MemberReward& member : rewards.members)
      if (!member.amount.is_zero()) lines.push_back(share_line(member, rewards.pool));
    if (!rewards.carried.is_zero())
      lines.push_back(concat("  reward nobody beat the baseline of ", rewards.baseline, " of ",
                             work.hidden_images.size(), " hidden images: ", rewards.carried.to_decimal(),
                             " carried over"));
  });
  for (const std::string& line : lines) log_.info(line);
}

}  // namespace cohort::round
