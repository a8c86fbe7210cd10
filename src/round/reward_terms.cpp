#include "cohort/round/reward_terms.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "round/round_case.hpp"

namespace cohort::round {
namespace {
namespace fs = std::filesystem;

/// The innermost RUN/rounds/NNN on the way to a folder.
std::optional<RoundOfRun> round_on_the_way(const fs::path& folder) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (fs::path at = folder; at.has_relative_path(); at = at.parent_path()) {
    const std::string name = at.filename().string();
    if (at.parent_path().filename() != "rounds" || !std::ranges::all_of(name, is_digit)) continue;
    if (const auto round = parse_int(name)) return RoundOfRun{at.parent_path().parent_path(), *round};
  }
  return std::nullopt;
}

std::string yes_or_no(bool value) {
  return value ? "yes" : "no";
}

class Differences {
 public:
  void field(std::string_view what, std::string_view found, std::string_view promised) {
    const auto or_none = [](std::string_view text) { return text.empty() ? "(none)" : text; };
    if (found != promised)
      lines_.push_back(concat(what, " ", or_none(found), ", the task says ", or_none(promised)));
  }
  void add(std::string line) { lines_.push_back(std::move(line)); }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  std::vector<std::string> lines_;
};

}  // namespace

RewardTerms terms_of(const Task& task) {
  RewardTerms terms;
  try {
    terms.options = reward_options(task.pool);
    if (!task.pool.pool.empty()) terms.pool = Amount::from_decimal(task.pool.pool);
  } catch (const Error& e) {
    throw DataError(concat("task: ", e.what()));
  }
  const Fraction& rate = terms.options.unproven_rate;
  if (terms.options.gamma != 1 && terms.options.gamma != 2)
    throw DataError(concat("task: gamma ", terms.options.gamma, "; expected 1 or 2"));
  if (rate.denominator < 1 || rate.numerator < 0 || rate.numerator > rate.denominator)
    throw DataError(concat("task: unproven rate ", to_text(rate), "; expected 0 to 1, as 1/2"));
  return terms;
}

std::string to_text(const RewardTerms& terms) {
  return concat("pool ", terms.pool.to_decimal(), ", rule ", name_of(terms.options.rule), ", gamma ",
                terms.options.gamma, ", unproven rate ", to_text(terms.options.unproven_rate),
                terms.options.is_demonstration ? ", a demonstration" : "");
}

std::vector<std::string> differences(const RewardTerms& found, const RewardTerms& promised) {
  Differences lines;
  lines.field("pool", found.pool.to_decimal(), promised.pool.to_decimal());
  lines.field("rule", name_of(found.options.rule), name_of(promised.options.rule));
  lines.field("gamma", concat(found.options.gamma), concat(promised.options.gamma));
  lines.field("unproven rate", to_text(found.options.unproven_rate), to_text(promised.options.unproven_rate));
  lines.field("demonstration", yes_or_no(found.options.is_demonstration),
              yes_or_no(promised.options.is_demonstration));
  return lines.take();
}

std::vector<std::string> differences(const AuditRecord& record, const Task& task) {
  Differences lines;
  if (record.task != task_digest(task)) {
    lines.add(concat("the audit is of task ", to_hex(record.task), ", the task at hand is ",
                     to_hex(task_digest(task))));
    return lines.take();
  }
  if (record.round > task.rounds) lines.add(concat("round ", record.round, ", the task has ", task.rounds));
  lines.field("the audit's demonstration", yes_or_no(record.is_demonstration),
              yes_or_no(task.pool.is_demonstration));
  const std::vector<Member> paid = paid_members(task);
  std::map<std::string_view, const Member*> members;
  for (const Member& member : paid) members.emplace(member.name, &member);
  for (const AuditEntry& entry : record.entries) {
    const auto found = members.find(entry.member);
    if (found == members.end()) {
      lines.add(concat(entry.member, ": no member of the task"));
      continue;
    }
    const Member& member = *found->second;
    const auto field = [&](std::string_view name) { return concat(entry.member, ": ", name); };
    lines.field(field("key"), to_hex(entry.key), to_hex(member.key));
    lines.field(field("address"), entry.address, member.address);
    lines.field(field("evidence"), name_of(entry.evidence), name_of(task.audit.evidence));
    members.erase(found);
  }
  if (!record.is_partial && !task.halving.is_on)  // who was halted before the round has no entry
    for (const auto& [name, member] : members)
      lines.add(concat(name, ": not in the audit, where also those stand who hand in nothing"));
  return lines.take();
}

std::optional<RoundOfRun> round_of_folder(const fs::path& folder) {
  const fs::path start = fs::absolute(folder.empty() ? fs::path(".") : folder);
  if (auto round = round_on_the_way(start.lexically_normal())) return round;
  std::error_code error;  // a link that leads nowhere leads into no round
  return round_on_the_way(fs::weakly_canonical(start, error));
}

}  // namespace cohort::round
