// What the audit found becomes a record that anybody can recompute the shares from.
#include <algorithm>

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

}  // namespace

/// Correct hidden answers of the averages of all sub-coalitions of different accepted models. Collective.
std::optional<Coalitions> RoundRun::coalitions(const RoundWork& work, std::span<const MergeMember> members) {
  if (hidden_ == nullptr || members.empty() || task_.pool.pool.empty() ||
      reward_rule_from_name(task_.pool.rule) != RewardRule::shapley)
    return std::nullopt;
  Coalitions all;
  std::vector<MergeMember> players;
  std::vector<Digest> models;
  for (const MergeMember& member : members) {
    const Digest model = model_digest(layout_, member.parameters, member.statistics);
    if (std::ranges::find(models, model) != models.end()) continue;
    models.push_back(model);
    players.push_back(member);
    all.members.push_back(name_of_candidate(member.id));
  }
  Workers workers = workers_of(world_);
  all.utilities.push_back(std::max(work.baseline.majority, work.baseline.incumbent));
  for (std::size_t subset = 1; subset < std::size_t{1} << players.size(); ++subset) {
    std::vector<MergeMember> in;
    std::vector<std::int64_t> weights;
    for (std::size_t i = 0; i < players.size(); ++i)
      if (subset >> i & 1) {
        in.push_back(players[i]);
        weights.push_back(players[i].samples);
      }
    const Model mean = average(table_, layout_, in, weights);
    all.utilities.push_back(count_correct(workers, *hidden_, work.hidden_images, model_, layout_, mean));
  }
  return all;
}

void RoundRun::pay(const RoundWork& work, const Digest& parent, std::optional<Coalitions> coalitions) {
  if (hidden_ == nullptr) return;
  std::vector<std::string> lines;
  on_root(concat("reward round ", work.round), [&] {
    AuditRecord record = audit_record(case_of(work), parent, work.baseline, work.findings);
    record.coalitions = std::move(coalitions);
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
}

}  // namespace cohort::round
