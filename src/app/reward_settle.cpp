// cohort reward settle: a run's rounds folded into members' standing.
#include <algorithm>
#include <map>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/reward_files.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/round/task.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/file_lock.hpp"
#include "cohort/store/parsed_text.hpp"
#include "reward_actions.hpp"
#include "tables.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

/// Terms of a new standing, or complaints about those that a standing does not have.
void set_terms(round::StandingTerms& terms, const SettleOptions& given, bool is_new) {
  std::vector<std::string> problems;
  const auto amount = [&](const char* flag, round::Amount& term, const std::optional<round::Amount>& value) {
    if (!is_new && value && *value != term)
      problems.push_back(concat(flag, " ", value->to_decimal(), ", the standing has ", term.to_decimal()));
    if (is_new && value) term = *value;
  };
  amount("--stake", terms.stake, given.stake);
  amount("--cost", terms.cost, given.cost);
  amount("--reward", terms.reward, given.reward);
  if (given.least_rate && is_new) terms.least_rate = *given.least_rate;
  if (given.least_rate && to_text(*given.least_rate) != to_text(terms.least_rate))
    problems.push_back(concat("--least-rate ", to_text(*given.least_rate), ", the standing has ",
                              to_text(terms.least_rate)));
  if (!problems.empty())
    throw UsageError(concat("the terms of a standing are fixed by its first settlement: ",
                            joined(problems, "; "), "; other terms need another file, --standing FILE"));
  // Refuses a floor that no record may buy.
  static_cast<void>(round::audit_rate(0, terms.least_rate));
}

void show(const round::Standing& standing, Log& log) {
  const bool has_cost = !standing.terms.cost.is_zero();
  report::Table table{{"member", "rounds", "faults", "score", "next audit rate", "stake", "lost"}, {}};
  if (has_cost) table.header.emplace_back("stake for next round");
  std::vector<const round::MemberStanding*> by_name;
  for (const round::MemberStanding& member : standing.members) by_name.push_back(&member);
  std::ranges::stable_sort(by_name, {}, &round::MemberStanding::member);
  for (const round::MemberStanding* member : by_name) {
    table.rows.push_back({member->member, concat(member->rounds), concat(member->faults),
                          concat(member->score), to_text(next_audit_rate(*member, standing.terms)),
                          member->stake().to_decimal(), member->lost.to_decimal()});
    if (has_cost) table.rows.back().push_back(next_stake(*member, standing.terms).to_decimal());
  }
  log.result(table_text(table));
}

void show_lost(const round::Standing& standing, std::size_t first, Log& log) {
  for (std::size_t i = first; i < standing.rounds.size(); ++i)
    for (const round::LostStake& lost : standing.rounds[i].lost) {
      const round::Slash parts = round::slash(lost.stake);
      log.result(concat("round ", standing.rounds[i].round, ": ", lost.member, " loses its stake of ",
                        lost.stake.to_decimal(), " (", name_of(lost.verdict), "): challenger ",
                        parts.challenger.to_decimal(), ", auditor ", parts.auditor.to_decimal(), ", burned ",
                        parts.burned.to_decimal()));
    }
}

/// What an audit says counts for years: it must be the one that the round's rewards were computed from.
void require_verified(const fs::path& run) {
  const fs::path file = run / "task.json";
  if (!fs::exists(file)) return;  // settling says what is missing
  const round::Task task = round::read_task(file);
  for (std::int64_t round = 1; round <= task.rounds; ++round) {
    const fs::path folder = round::RoundPaths{run}.round(round);
    if (!fs::exists(folder / "rewards.json")) continue;
    const round::RewardCheck check = round::verify_rewards(folder, task);
    if (!check.differences.empty())
      throw DataError(concat("settle ", run.string(), ": round ", round, " does not verify: ",
                             check.differences.front(), "; see cohort reward verify ", folder.string()));
  }
}

}  // namespace

void settle_run(const fs::path& run, const fs::path& path, const SettleOptions& options, Log& log) {
  const store::FileLock lock(path);  // two runs may be settled into one file at a time
  const bool is_new = !fs::exists(path);
  round::Standing standing = is_new ? round::Standing() : store::parsed_text(path, round::standing_from_text);
  set_terms(standing.terms, options, is_new);
  const std::size_t before = standing.rounds.size();
  const round::Settlement settled = round::settle(standing, run, options.takes_new_task);
  require_verified(run);
  for (const auto& [member, total] : options.deposits) round::deposit(standing, member, total);
  const std::string text = round::standing_text(standing);
  if (is_new || store::read_text(path) != text) store::write_text_atomically(path, text);
  log.result(concat("folded ", settled.folded, settled.folded == 1 ? " round" : " rounds", ", ",
                    settled.known, " had been folded before"));
  show_lost(standing, before, log);
  show(standing, log);
  log.result(concat("standing  sha256:", to_hex(sha256(text)), "  ", path.string()));
}

}  // namespace cohort::app
