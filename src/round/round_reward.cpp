// What the audit found becomes a record that anybody can recompute the shares from.
#include "cohort/core/text.hpp"
#include "cohort/round/audit_record.hpp"
#include "cohort/round/reward_files.hpp"
#include "round/round_run.hpp"

namespace cohort::round {
namespace {

std::string share_line(const MemberReward& member, const Amount& pool) {
  return concat("  reward ", member.member, "  ", member.amount.to_decimal(), " of ", pool.to_decimal(),
                "  (weight ", member.weight.to_decimal(), ", ", name_of(member.verdict), ")");
}

/// What an ending that was stopped has written: the round is not done, and another audit since may have led
/// to other findings.
void remove_unfinished(const std::filesystem::path& folder) {
  for (const char* name : {"rewards.json", "payout.json", "audit.json"})
    std::filesystem::remove(folder / name);
}

}  // namespace

Digest RoundRun::pay(const RoundWork& work, const Digest& parent, std::optional<Coalitions> coalitions) {
  if (hidden_ == nullptr) return {};
  Digest digest{};
  std::vector<std::string> lines;
  on_root(concat("reward round ", work.round), [&] {
    AuditRecord record = audit_record(case_of(work), parent, work.baseline, work.findings);
    record.coalitions = std::move(coalitions);
    digest = audit_digest(record);
    remove_unfinished(paths_.round(work.round));
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
  return digest_from_hex(world_.broadcast(to_hex(digest)));
}

}  // namespace cohort::round
