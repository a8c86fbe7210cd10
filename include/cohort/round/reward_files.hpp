// rewards.json and payout.json beside the audit.json that they follow from.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/round/audit_record.hpp"
#include "cohort/round/reward.hpp"
#include "cohort/round/reward_terms.hpp"
#include "cohort/round/task.hpp"

namespace cohort::round {

/// "1/2", "0/1", "1" → fraction. Throws DataError for any other text.
Fraction fraction_from_text(std::string_view text);

/// rewards.json, the same bytes for the same rewards.
std::string rewards_text(const Rewards& rewards);
/// Throws DataError with all problems at once. Amounts are not recomputed.
Rewards rewards_from_text(std::string_view text);

/// Writes audit.json, payout.json (if anything can be claimed) and last rewards.json into the folder, made if
/// needed; what is there already and equal stays.
///
/// Throws      Error, before anything is written, when the folder holds another audit or other rewards.
void write_rewards(const std::filesystem::path& folder, const AuditRecord& record, const Rewards& rewards);

/// In what an audit is not the one of the round in whose folder (RUN/rounds/NNN, or one in it) it lies, a
/// line each: the number of another round, or another audit than the run's round.json names. Nothing
/// elsewhere, unless a round.json lies beside it.
///
/// Throws      Error for a round.json that cannot be read, DataError for a damaged one.
std::vector<std::string> differences_from_round(const std::filesystem::path& folder,
                                                const AuditRecord& record, const std::optional<Task>& task);

/// What became of computing rewards again.
struct RewardCheck {
  RewardTerms terms;  ///< as rewards.json states them
  Rewards computed;
  std::vector<std::string> differences;  ///< a line each ("device-03: amount 12, computed 13")
};

/// Computes everything again from audit.json and the pool and options in rewards.json, and holds audit.json
/// against round.json, where one lies there or in the round's folder above; with a task, also holds all
/// against what it promised. Without one nobody but rewards.json itself says that pool and rule are right.
///
/// What agrees is consistent, not proved: whoever may change audit.json may change all of them. Compare the
/// digests of audit and task with those that the coordinator published.
///
/// Throws      Error for a file that is missing, DataError for one that cannot be read.
RewardCheck verify_rewards(const std::filesystem::path& folder,
                           const std::optional<Task>& task = std::nullopt);

}  // namespace cohort::round
