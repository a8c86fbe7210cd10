// What members' records over many rounds come to: stake, reputation, and how often to audit them next. A file
// that rounds are folded into one after another, each once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/identity/keys.hpp"
#include "cohort/round/amount.hpp"
#include "cohort/round/audit_record.hpp"
#include "cohort/round/stake.hpp"
#include "cohort/round/task.hpp"
#include "cohort/round/verdict.hpp"

namespace cohort::round {

/// What is agreed on before the first round and never changes.
struct StandingTerms {
  Amount stake;                ///< that each member puts down when it joins
  Amount cost;                 ///< of a round's work, which a cheat saves; 0: unknown, no stake is asked for
  Amount reward;               ///< that a member can count on for a round
  Fraction least_rate{1, 20};  ///< floor of the audit rate
};

/// A key's record. Its name is that of the last task it took part in.
struct MemberStanding {
  std::string member;
  identity::PublicKey key{};
  std::int64_t rounds = 0;  ///< in which an audit looked for its work
  std::int64_t faults = 0;  ///< that were laid to its charge
  std::int64_t score = 0;   ///< next_score, round by round
  Amount deposited, lost;   ///< its stake is what is left
  [[nodiscard]] Amount stake() const { return deposited - lost; }
};

/// A stake that was lost in a round.
struct LostStake {
  std::string member;
  identity::PublicKey key{};
  Verdict verdict = Verdict::claim;
  Amount stake;
};

/// A round that is part of the standing.
struct FoldedRound {
  Digest task{};
  std::int64_t round = 1;
  Digest audit{};  ///< audit_digest
  std::vector<LostStake> lost;
};

struct Standing {
  StandingTerms terms;
  Digest task{};                        ///< whose members joined last, and whose rounds may follow
  std::vector<FoldedRound> rounds;      ///< in the order in which they were folded
  std::vector<MemberStanding> members;  ///< ascending by key
};

/// Whether an entry is a fault that its member's own signature stands under. What anybody could have put into
/// its place in the member's name (a file that is unreadable, unsigned or was handed in before), and the same
/// model twice where no replay tells whose it is, costs the round and nothing else.
bool is_own_fault(const AuditEntry& entry, const Digest& parent);

/// How often to audit the member in the next round, and the stake with which cheating does not pay then
/// (`least_stake`; evidence `replay`: an audit always finds who did none of the work).
Fraction next_audit_rate(const MemberStanding& member, const StandingTerms& terms);
Amount next_stake(const MemberStanding& member, const StandingTerms& terms);

/// Makes the task the standing's own and takes in its members who are not there yet: score 0, the stake of
/// the terms.
void join(Standing& standing, const Task& task);
/// Adds one audited round: a fault of its own costs a member its stake and a third of its score.
/// Throws DataError for a round that was not audited to its end, or with a member that has not joined.
void fold(Standing& standing, const AuditRecord& record);
/// Raises what a member has put down in all to `total`; the same total again changes nothing. Throws
/// UsageError for a lower one or an unknown member.
void deposit(Standing& standing, const std::string& member, const Amount& total);

/// What became of a run's rounds.
struct Settlement {
  std::int64_t known = 0;   ///< rounds that had been folded before
  std::int64_t folded = 0;  ///< rounds that were folded now
};
/// Folds the rounds of a run folder that are done and not part of the standing yet.
///
/// Ensures     the standing is as it was when this throws.
/// Throws      DataError for a run of another history (a folded round whose audit is another one or is gone,
///             a task other than the standing's unless `takes_new_task`, new rounds of a task that another
///             has followed) and for audits that are not the task's; Error for files that are missing.
Settlement settle(Standing& standing, const std::filesystem::path& run, bool takes_new_task);

/// standing.json: canonical, the same bytes for the same standing.
std::string standing_text(const Standing& standing);
/// Throws DataError with all problems at once; also for text that standing_text would not write.
Standing standing_from_text(std::string_view text);

}  // namespace cohort::round
