// Who gets how much of a round's pool, from audited counts alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/round/amount.hpp"
#include "cohort/round/audit_record.hpp"
#include "cohort/round/payout.hpp"
#include "cohort/round/stake.hpp"
#include "cohort/round/verdict.hpp"

namespace cohort::round {

/// What a member's weight is made of. k: correct hidden answers; base: baseline_correct, the larger of
/// majority class and incumbent.
enum class RewardRule {
  lower_bound,  ///< (lower_bound(k) − lower_bound(base))^gamma, where positive
  plain,        ///< k − base, where positive
  rank,         ///< 1 + members above the baseline with fewer correct; two keys earn more than one: for known
                ///< members
  shapley,  ///< Shapley value over the audit's coalitions, where positive; copies are one player and share
  micro_batches  ///< verified micro-batches, if the one common model beats the baseline
};
/// "lower-bound", "plain", "rank", "shapley", "micro-batches".
std::string_view name_of(RewardRule rule);
/// Throws UsageError with the nearest name.
RewardRule reward_rule_from_name(std::string_view name);

/// Hidden images below which a round is not paid: the lower bound would be too wide to tell members apart.
inline constexpr std::int64_t kLeastHiddenImages = 400;

struct RewardOptions {
  RewardRule rule = RewardRule::lower_bound;
  int gamma = 1;                  ///< 1 or 2: how much more the better get (lower_bound)
  Fraction unproven_rate{1, 2};   ///< weight of OK_UNPROVEN against OK, from 0 to 1
  bool is_demonstration = false;  ///< allows fewer than kLeastHiddenImages; the audit may say so as well
};

/// One line of the table.
struct MemberReward {
  std::string member;
  Verdict verdict = Verdict::transient;
  Amount weight, amount;
  std::string address;  ///< empty: has no part in the payout tree
  friend bool operator==(const MemberReward&, const MemberReward&) = default;
};

struct Rewards {
  Digest task{};
  std::int64_t round = 1;
  Digest audit{};  ///< audit_digest
  RewardOptions options;
  std::int64_t baseline = 0;
  Amount pool, paid, carried;         ///< pool = paid + carried; everything is carried when all weights are 0
  std::vector<MemberReward> members;  ///< every entry of the audit, ascending by name
};

/// Throws DataError naming the members whom the audit could not come to a finding about (Verdict::transient):
/// what follows from the others' verdicts alone would be at their cost.
void require_all_audited(const AuditRecord& record);

/// Shares the pool: weights by the rule, times the unproven rate for OK_UNPROVEN, 0 for every verdict that
/// may_be_paid refuses; then `apportion` with ties by tie_break(identity::round_digest(task, round), key).
///
/// Ensures     Σ amount + carried = pool; does not depend on the order of entries; more correct answers never
///             weigh less (all rules but shapley, micro_batches).
/// Throws      UsageError for a pool of 0, gamma other than 1 or 2, a rate outside [0, 1], fewer hidden
///             images than kLeastHiddenImages in a round that is no demonstration, more than 12 players;
///             DataError where a submission was not audited (require_all_audited), none was accepted, or the
///             record lacks what the rule needs.
Rewards compute_rewards(const AuditRecord& record, const Amount& pool, const RewardOptions& options);

/// The claimable part: one leaf for each address with an amount above 0, ascending by address; members with
/// the same address share a leaf. Nothing when there is no such member.
std::optional<PayoutTree> payout_of(const Rewards& rewards);

}  // namespace cohort::round
