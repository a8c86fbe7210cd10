#include "cohort/round/standing.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/reward.hpp"
#include "cohort/round/reward_terms.hpp"
#include "cohort/round/rounds.hpp"
#include "round/reward_weights.hpp"
#include "round/run_audit.hpp"

namespace cohort::round {
namespace {
namespace fs = std::filesystem;

MemberStanding* find(Standing& standing, const identity::PublicKey& key) {
  const auto found = std::ranges::lower_bound(standing.members, key, {}, &MemberStanding::key);
  return found != standing.members.end() && found->key == key ? &*found : nullptr;
}

AuditRecord read_round(const fs::path& run, const Task& task, std::int64_t round) {
  const fs::path path = RoundPaths{run}.round(round) / "audit.json";
  if (!fs::exists(path))
    throw Error(concat(path.string(), " is not there; a round is audited for money only with hidden images"));
  AuditRecord record = read_audit(path);
  std::vector<std::string> problems = differences(record, task);
  if (record.round != round) problems.push_back(concat("it is of round ", record.round));
  const std::vector<std::string> others = differences_from_run(RoundPaths{run}.record(round), record, task);
  problems.insert(problems.end(), others.begin(), others.end());
  if (!problems.empty()) throw DataError(concat(path.string(), ": ", joined(problems, "; ")));
  return record;
}

/// The folded rounds of a task, which are numbered from 1.
std::vector<FoldedRound> rounds_of(const Standing& standing, const Digest& task) {
  std::vector<FoldedRound> rounds;
  std::ranges::copy_if(standing.rounds, std::back_inserter(rounds),
                       [&](const FoldedRound& folded) { return folded.task == task; });
  return rounds;
}

void refuse_other_task(const Standing& standing, const Digest& task, bool was_folded, bool takes_new_task) {
  if (standing.task == Digest{} || standing.task == task) return;
  if (was_folded) throw DataError("the run has new rounds, but those of another task have been folded since");
  if (!takes_new_task)
    throw DataError(concat("the standing is of task ", to_hex(standing.task), ", the run is of ",
                           to_hex(task), "; --new-task folds its rounds after those"));
}

}  // namespace

bool is_own_fault(const AuditEntry& entry, const Digest& parent) {
  // Without its digest nobody could read as far as the signature.
  if (!is_fault(entry.verdict) || entry.submission == Digest{}) return false;
  switch (entry.verdict) {
    case Verdict::format:
    case Verdict::size:
    case Verdict::signature:
    case Verdict::replayed:
      return false;
    case Verdict::duplicate:
      return entry.evidence == Evidence::replay || entry.model == parent;
    default:
      return true;
  }
}

Fraction next_audit_rate(const MemberStanding& member, const StandingTerms& terms) {
  return audit_rate(member.score, terms.least_rate);
}

Amount next_stake(const MemberStanding& member, const StandingTerms& terms) {
  return least_stake(terms.cost, terms.reward, next_audit_rate(member, terms));
}

void join(Standing& standing, const Task& task) {
  std::vector<MemberStanding> joined;
  for (const Member& member : paid_members(task)) {
    if (MemberStanding* known = find(standing, member.key)) {
      known->member = member.name;
      continue;
    }
    MemberStanding fresh;
    fresh.member = member.name;
    fresh.key = member.key;
    fresh.deposited = standing.terms.stake;
    joined.push_back(std::move(fresh));
  }
  std::ranges::move(joined, std::back_inserter(standing.members));
  std::ranges::sort(standing.members, {}, &MemberStanding::key);
  standing.task = task_digest(task);
}

void fold(Standing& standing, const AuditRecord& record) {
  require_all_audited(record);
  const std::set<std::string> harmful = harmful_members(record);
  FoldedRound folded{record.task, record.round, audit_digest(record), {}};
  for (const AuditEntry& entry : record.entries) {
    MemberStanding* member = find(standing, entry.key);
    if (member == nullptr)
      throw DataError(concat("round ", record.round, ": ", entry.member, " never joined"));
    ++member->rounds;
    const bool is_own = is_own_fault(entry, record.parent);
    if (!is_fault(entry.verdict) || is_own)
      member->score = next_score(member->score, entry.verdict, harmful.contains(entry.member));
    if (!is_own) continue;
    ++member->faults;
    if (member->stake().is_zero()) continue;
    folded.lost.push_back({entry.member, entry.key, entry.verdict, member->stake()});
    member->lost = member->deposited;
  }
  standing.rounds.push_back(std::move(folded));
}

void deposit(Standing& standing, const std::string& member, const Amount& total) {
  const auto named = [&](const MemberStanding& known) { return known.member == member; };
  const auto count = std::ranges::count_if(standing.members, named);
  if (count != 1)
    throw UsageError(concat("deposit: ", count, " members of the standing are called '", member, "'"));
  MemberStanding& found = *std::ranges::find_if(standing.members, named);
  if (total < found.deposited)
    throw UsageError(concat("deposit: ", member, " has put down ", found.deposited.to_decimal(),
                            " already; give what it has put down in all"));
  found.deposited = total;
}

Settlement settle(Standing& standing, const fs::path& run, bool takes_new_task) {
  const RoundPaths paths{run};
  if (!fs::exists(paths.task()))
    throw Error(concat(paths.task().string(), " is not there; is it the folder of a run of rounds?"));
  const Task task = read_task(paths.task());
  const Digest digest = task_digest(task);
  const std::vector<FoldedRound> known = rounds_of(standing, digest);
  Settlement result{static_cast<std::int64_t>(known.size()), 0};
  Standing next = standing;
  if (known.empty()) {
    refuse_other_task(next, digest, false, takes_new_task);
    join(next, task);
  }
  std::int64_t done = 0;
  while (done < task.rounds && fs::exists(paths.record(done + 1))) {
    const AuditRecord record = read_round(run, task, ++done);
    if (done > result.known) {
      refuse_other_task(next, digest, true, takes_new_task);
      fold(next, record);
      ++result.folded;
    } else if (audit_digest(record) != known[static_cast<std::size_t>(done - 1)].audit) {
      throw DataError(concat("round ", done, " of ", run.string(),
                             " has another audit than when it was folded (", to_hex(audit_digest(record)),
                             ", then ", to_hex(known[static_cast<std::size_t>(done - 1)].audit),
                             "): the run has another history than the standing"));
    }
  }
  if (done < result.known)
    throw DataError(concat(run.string(), " has ", done, " rounds, but ", result.known,
                           " of its task were folded: the run has another history than the standing"));
  standing = std::move(next);
  return result;
}

}  // namespace cohort::round
