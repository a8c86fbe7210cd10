#include "round/coalitions.hpp"

#include <algorithm>

#include "cohort/round/reward.hpp"

namespace cohort::round {
namespace {

/// One of each model, in the order of the members: copies are one player.
std::vector<MergeMember> players_among(std::span<const MergeMember> members, const nn::StateLayout& layout) {
  std::vector<MergeMember> players;
  std::vector<Digest> models;
  for (const MergeMember& member : members) {
    const Digest model = model_digest(layout, member.parameters, member.statistics);
    if (std::ranges::find(models, model) != models.end()) continue;
    models.push_back(model);
    players.push_back(member);
  }
  return players;
}

}  // namespace

std::optional<Coalitions> count_coalitions(Workers& workers, const AuditCase& audit, const nn::Model& model,
                                           const nn::StateLayout& layout, const HiddenBaseline& baseline,
                                           std::span<const MergeMember> accepted) {
  if (audit.hidden == nullptr || accepted.empty() || audit.task.pool.pool.empty() ||
      reward_rule_from_name(audit.task.pool.rule) != RewardRule::shapley)
    return std::nullopt;
  const std::vector<MergeMember> players = players_among(accepted, layout);
  Coalitions all;
  for (const MergeMember& player : players) all.members.push_back(player.name);
  all.utilities.push_back(std::max(baseline.majority, baseline.incumbent));
  for (std::size_t subset = 1; subset < std::size_t{1} << players.size(); ++subset) {
    std::vector<MergeMember> in;
    std::vector<std::int64_t> weights;
    for (std::size_t i = 0; i < players.size(); ++i)
      if (subset >> i & 1) {
        in.push_back(players[i]);
        weights.push_back(players[i].samples);
      }
    const Model mean = average(workers.table, layout, in, weights);
    all.utilities.push_back(count_correct(workers, *audit.hidden, audit.hidden_images, model, layout, mean));
  }
  return all;
}

}  // namespace cohort::round
