#include "cohort/round/task.hpp"

#include <algorithm>

#include "cohort/core/text.hpp"
#include "cohort/identity/commitment.hpp"
#include "cohort/train/recipe_setting.hpp"

namespace cohort::round {

std::int64_t links_of(const Task& task) {
  return (task.round_steps + task.link_steps - 1) / task.link_steps;
}

std::int64_t hidden_per_round(const Task& task, std::int64_t hidden_images) {
  if (hidden_images == 0 || task.audit.evidence == Evidence::claim) return 0;
  return task.audit.hidden_images > 0 ? task.audit.hidden_images
                                      : hidden_images / std::max<std::int64_t>(1, task.rounds);
}

std::vector<Member> paid_members(const Task& task) {
  if (task.contributors.empty()) return task.members;
  std::vector<Member> members;
  for (const Contributor& contributor : task.contributors) members.push_back(contributor.member);
  return members;
}

std::string unknown_member(const Task& task, std::string_view name) {
  std::vector<std::string> names;
  for (const Member& member : task.members) names.push_back(member.name);
  return concat("the task has no member '", name, "'", did_you_mean(name, names));
}

std::uint64_t member_seed(const Task& task, std::int64_t round, const Member& member) {
  const Digest digest =
      identity::identity_seed(identity::round_digest(task_digest(task), static_cast<std::uint64_t>(round)),
                              member.key, task.registration_beacon);
  std::uint64_t seed = 0;
  for (int byte = 7; byte >= 0; --byte) seed = seed << 8 | digest[static_cast<std::size_t>(byte)];
  return seed >> 1;  // job files hold signed numbers
}

train::Recipe member_recipe(const Task& task, std::int64_t round, const Member& member,
                            const explore::Setting& setting) {
  train::Recipe recipe = task.recipe;
  for (const auto& [key, value] : setting) train::apply_setting(recipe, key, value);
  recipe.seed = member_seed(task, round, member);
  recipe.steps = task.schedule_spans_run ? task.rounds * task.round_steps : task.round_steps;
  recipe.schedule_start = task.schedule_spans_run ? (round - 1) * task.round_steps : 0;
  recipe.max_steps = task.round_steps;
  return recipe;
}

}  // namespace cohort::round
