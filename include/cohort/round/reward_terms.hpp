// What members were promised before they trained: pool and rule of the task, against which an audit and its
// rewards are held.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cohort/round/amount.hpp"
#include "cohort/round/audit_record.hpp"
#include "cohort/round/reward.hpp"
#include "cohort/round/task.hpp"

namespace cohort::round {

/// What a round's pool is shared by.
struct RewardTerms {
  Amount pool;  ///< 0: nothing is paid
  RewardOptions options;
};

/// The task's. Throws DataError for a pool, rule, gamma or rate that no computation takes.
RewardTerms terms_of(const Task& task);

/// "pool 1000000, rule lower-bound, gamma 1, unproven rate 1/2", and "a demonstration" where it is one.
std::string to_text(const RewardTerms& terms);

/// What of `found` is other than `promised`, each as "pool 7, the task says 1000000".
std::vector<std::string> differences(const RewardTerms& found, const RewardTerms& promised);

/// What of an audit is not as its task says: the task itself, its number of rounds, who is in it, members
/// with their keys and addresses, evidence, whether it is a demonstration. Where the task is another one,
/// that alone.
std::vector<std::string> differences(const AuditRecord& record, const Task& task);

/// Which round of which run a folder belongs to: RUN/rounds/NNN or what lies in it.
struct RoundOfRun {
  std::filesystem::path run;
  std::int64_t round = 0;
};
/// Nothing for a folder that lies elsewhere. Looks at the path as it is spelled, and where that says nothing,
/// where links lead; an empty one is the present folder.
std::optional<RoundOfRun> round_of_folder(const std::filesystem::path& folder);

}  // namespace cohort::round
