// cohort reward AUDIT.json, cohort reward verify: shares, and whether files say what follows from an audit.
#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/reward_files.hpp"
#include "reward_actions.hpp"
#include "tables.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

/// "33.3333%" of the pool, cut off: the amounts beside it are exact.
std::string share_text(const round::Amount& amount, const round::Amount& pool) {
  const std::string parts = round::multiply_divide(amount, 1'000'000, pool).quotient.to_decimal();
  return concat(format_fixed(static_cast<double>(*parse_int(parts)) / 1e4, 4), "%");
}

std::optional<round::Task> read(const fs::path& task) {
  return task.empty() ? std::nullopt : std::optional(round::read_task(task));
}

/// The first ten, and how many more there are.
std::string some_of(std::vector<std::string> lines) {
  constexpr std::size_t most = 10;
  if (lines.size() > most) {
    const std::size_t more = lines.size() - most;
    lines.resize(most);
    lines.push_back(concat("and ", more, " more"));
  }
  return joined(lines, "; ");
}

/// The task's terms, changed by what the command line says.
round::RewardTerms chosen_terms(const std::optional<round::Task>& task, const ShareOptions& given) {
  round::RewardTerms terms = task ? round::terms_of(*task) : round::RewardTerms{};
  if (given.pool) terms.pool = *given.pool;
  if (given.rule) terms.options.rule = *given.rule;
  const bool has_gamma = terms.options.rule == round::RewardRule::lower_bound;
  if (given.gamma && !has_gamma)
    throw UsageError(concat("--gamma: rule ", name_of(terms.options.rule), " has none"));
  if (given.rule && !has_gamma) terms.options.gamma = 1;
  if (given.gamma) terms.options.gamma = *given.gamma;
  if (given.unproven_rate) terms.options.unproven_rate = *given.unproven_rate;
  terms.options.is_demonstration = terms.options.is_demonstration || given.is_demonstration;
  if (terms.pool.is_zero() && !given.pool)
    throw UsageError("--pool is missing, and the task has none: how much is to be shared?");
  return terms;
}

void refuse_other_terms(const round::RewardTerms& terms, const round::Task& task, const fs::path& path) {
  const std::vector<std::string> others = differences(terms, round::terms_of(task));
  if (!others.empty())
    throw UsageError(concat("not what ", path.string(), " promised its members: ", joined(others, "; "),
                            ". Leave these options out, or share by them all the same with --own-terms"));
}

/// Throws where the audit is not that of its round: of the one in whose folder it lies, as it is spelled and
/// where links lead, and of the one in whose folder its shares are to stand.
void refuse_other_round(const fs::path& audit, const round::AuditRecord& record,
                        const std::optional<round::Task>& task, const fs::path& out) {
  const auto refuse = [&](const fs::path& folder, std::string_view whose, std::string_view advice) {
    if (const auto others = differences_from_round(folder, record, task); !others.empty())
      throw DataError(
          concat(audit.string(), " is not the audit of ", whose, ": ", some_of(others), "; ", advice));
  };
  constexpr std::string_view take_own = "share by the one that the run has made";
  refuse(audit.parent_path(), "its round", take_own);
  refuse(fs::canonical(audit).parent_path(), "its round", take_own);
  if (!out.empty()) refuse(out, "the round that --out lies in", "choose another folder, or share by its own");
}

void show(const round::AuditRecord& record, const round::Rewards& rewards, Log& log) {
  log.result(concat("round ", rewards.round, ", to beat ", rewards.baseline, " of ", record.hidden.samples,
                    " hidden images"));
  report::Table table{{"member", "verdict", "hidden", "weight", "share", "amount", "address"}, {}};
  for (std::size_t i = 0; i < rewards.members.size(); ++i) {
    const round::MemberReward& member = rewards.members[i];
    const std::int64_t correct = record.entries[i].hidden_correct;
    table.rows.push_back({member.member, std::string(name_of(member.verdict)),
                          correct < 0 ? "-" : std::to_string(correct), member.weight.to_decimal(),
                          share_text(member.amount, rewards.pool), member.amount.to_decimal(),
                          member.address.empty() ? "-" : member.address});
  }
  log.result(table_text(table));
  log.result(concat("audit  sha256:", to_hex(rewards.audit)));
  if (!rewards.carried.is_zero())
    log.result(concat("nobody beat the baseline: ", rewards.carried.to_decimal(), " is carried over"));
  if (const auto tree = payout_of(rewards))
    log.result(concat("root   0x", to_hex(tree->root()), ", ", tree->values().size(), " can claim"));
  const auto without = std::ranges::count_if(rewards.members, [](const round::MemberReward& member) {
    return member.address.empty() && !member.amount.is_zero();
  });
  if (without > 0)
    log.result(
        concat(without, " with a share but no address: listed, but not in the payout that can be claimed"));
  if (rewards.options.is_demonstration) log.result("a demonstration: these shares are not to be paid");
}

}  // namespace

fs::path task_of(const fs::path& given, const fs::path& folder) {
  if (!given.empty()) return given;
  const auto place = round::round_of_folder(folder);
  if (!place || !fs::exists(place->run / "task.json")) return {};
  return place->run / "task.json";
}

void share_pool(const fs::path& audit, const fs::path& task_path, const ShareOptions& options,
                const fs::path& out, Log& log) {
  const round::AuditRecord record = round::read_audit(audit);
  const std::optional<round::Task> task = read(task_path);
  if (task)
    if (const auto others = differences(record, *task); !others.empty())
      throw DataError(concat(audit.string(), " is not as ", task_path.string(), " says: ", some_of(others)));
  refuse_other_round(audit, record, task, out);
  const round::RewardTerms terms = chosen_terms(task, options);
  if (task && !options.has_own_terms) refuse_other_terms(terms, *task, task_path);
  const round::Rewards rewards = round::compute_rewards(record, terms.pool, terms.options);
  if (!out.empty()) round::write_rewards(out, record, rewards);
  log.result(concat("terms  ", to_text(round::RewardTerms{terms.pool, rewards.options})));
  log.result(concat("       ", !task                   ? "of the command line alone: no task is at hand"
                               : options.has_own_terms ? "of the command line, whatever the task says"
                                                       : concat("as in ", task_path.string())));
  show(record, rewards, log);
  if (!out.empty()) log.result(concat("written to ", out.string()));
}

void verify_shares(const fs::path& folder, const fs::path& task_path, Log& log) {
  const std::optional<round::Task> task = read(task_path);
  const round::RewardCheck check = round::verify_rewards(folder, task);
  log.result(concat("terms  ", to_text(check.terms)));
  if (task)
    log.result(concat("task   sha256:", to_hex(round::task_digest(*task)), "  (", task_path.string(),
                      "; compare with the published one)"));
  else
    log.result("       as rewards.json itself says: no task is at hand to compare them with (--task FILE)");
  if (!check.differences.empty())
    throw DataError(concat("verify ", folder.string(), ": ", some_of(check.differences)));
  const round::Rewards& computed = check.computed;
  log.result(concat("verified: all ", computed.members.size(), " rewards follow from the audit",
                    task ? " and the task" : ""));
  log.result(concat("audit  sha256:", to_hex(computed.audit), "  (compare with the published one)"));
  if (const auto tree = payout_of(computed)) log.result(concat("root   0x", to_hex(tree->root())));
}

}  // namespace cohort::app
