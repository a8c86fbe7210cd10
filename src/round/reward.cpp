#include "cohort/round/reward.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/identity/commitment.hpp"
#include "cohort/round/apportionment.hpp"
#include "round/reward_weights.hpp"

namespace cohort::round {
namespace {

constexpr std::array<std::pair<RewardRule, std::string_view>, 5> kRules{{
    {RewardRule::lower_bound, "lower-bound"},
    {RewardRule::plain, "plain"},
    {RewardRule::rank, "rank"},
    {RewardRule::shapley, "shapley"},
    {RewardRule::micro_batches, "micro-batches"},
}};

void check(const AuditRecord& record, const Amount& pool, const RewardOptions& options) {
  if (pool.is_zero()) throw UsageError("rewards: a pool of 0 has nothing to share");
  if (options.gamma != 1 && options.gamma != 2)
    throw UsageError(concat("rewards: gamma ", options.gamma, "; expected 1 or 2"));
  const Fraction& rate = options.unproven_rate;
  if (rate.denominator < 1 || rate.numerator < 0 || rate.numerator > rate.denominator)
    throw UsageError(concat("rewards: unproven rate ", to_text(rate), "; expected 0 to 1, as 1/2"));
  require_all_audited(record);
  if (record.is_partial)
    throw DataError("rewards: the audit is of one submission alone; a pool is shared by a whole round's");
  if (!has_accepted(record))
    throw DataError("rewards: no submission of the audit was accepted, so nobody can be paid");
  if (record.hidden.samples < 1)
    throw DataError("rewards: the audit used no hidden images, so nothing was measured");
  if (record.hidden.samples < kLeastHiddenImages && !options.is_demonstration && !record.is_demonstration)
    throw UsageError(concat("rewards: ", record.hidden.samples, " hidden images, a paid round needs ",
                            kLeastHiddenImages, "; enlarge the hidden set, or call it a demonstration"));
  for (const AuditEntry& entry : record.entries)
    if (may_be_paid(entry.verdict) && entry.hidden_correct < 0)
      throw DataError(concat("rewards: ", entry.member, " is ", name_of(entry.verdict),
                             " but was not counted on the hidden images"));
}

}  // namespace

std::string_view name_of(RewardRule rule) {
  for (const auto& [known, name] : kRules)
    if (known == rule) return name;
  return "?";
}

RewardRule reward_rule_from_name(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& [rule, known] : kRules) {
    if (known == name) return rule;
    names.emplace_back(known);
  }
  throw UsageError(
      concat("unknown reward rule '", name, "'; expected ", joined(names, ", "), did_you_mean(name, names)));
}

void require_all_audited(const AuditRecord& record) {
  std::vector<std::string> open;
  for (const AuditEntry& entry : record.entries)
    if (entry.verdict == Verdict::transient) open.push_back(entry.member);
  if (!open.empty())
    throw DataError(concat("the auditing machine could not examine ", joined(open, ", "), " (",
                           name_of(Verdict::transient), ") and their part must not go to the others; audit ",
                           "round ", record.round, " again"));
}

Rewards compute_rewards(const AuditRecord& record, const Amount& pool, const RewardOptions& options) {
  check(record, pool, options);
  Rewards rewards;
  rewards.task = record.task;
  rewards.round = record.round;
  rewards.audit = audit_digest(record);
  rewards.options = options;
  rewards.options.is_demonstration = options.is_demonstration || record.is_demonstration;
  rewards.baseline = baseline_correct(record.hidden);
  rewards.pool = pool;
  const std::vector<Amount> weights = weights_of(record, options);
  const Digest round = identity::round_digest(record.task, static_cast<std::uint64_t>(record.round));
  const Amount proven = static_cast<std::uint64_t>(options.unproven_rate.denominator);
  const Amount unproven = static_cast<std::uint64_t>(options.unproven_rate.numerator);
  std::vector<Claimant> claimants;
  Amount total;
  for (std::size_t i = 0; i < record.entries.size(); ++i) {
    const AuditEntry& entry = record.entries[i];
    const Amount weight = weights[i] * (entry.verdict == Verdict::ok_unproven ? unproven : proven);
    total += weight;
    claimants.push_back({weight, tie_break(round, entry.key)});
    rewards.members.push_back({entry.member, entry.verdict, weight, {}, entry.address});
  }
  if (!total.is_zero()) {
    const std::vector<Amount> shares = apportion(pool, claimants);
    for (std::size_t i = 0; i < shares.size(); ++i) rewards.members[i].amount = shares[i];
    rewards.paid = pool;
  }
  rewards.carried = pool - rewards.paid;
  std::sort(rewards.members.begin(), rewards.members.end(),
            [](const MemberReward& a, const MemberReward& b) { return a.member < b.member; });
  return rewards;
}

std::optional<PayoutTree> payout_of(const Rewards& rewards) {
  std::map<Address, Amount> amounts;
  for (const MemberReward& member : rewards.members)
    if (!member.address.empty() && !member.amount.is_zero())
      amounts[address_from_text(member.address)] += member.amount;
  if (amounts.empty()) return std::nullopt;
  std::vector<PayoutValue> values;
  for (const auto& [account, amount] : amounts) values.push_back({account, amount});
  return PayoutTree(std::move(values));
}

}  // namespace cohort::round
