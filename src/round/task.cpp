#include "cohort/round/task.hpp"

#include <algorithm>
#include <set>

#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/identity/commitment.hpp"
#include "cohort/round/reward.hpp"
#include "cohort/train/recipe_setting.hpp"

namespace cohort::round {
namespace {

using Problems = std::vector<std::string>;

template <typename... Parts>
void expect(bool holds, Problems& problems, const Parts&... parts) {
  if (!holds) problems.push_back(concat(parts...));
}

void check_course(const Task& task, Problems& problems) {
  expect(task.rounds >= 1 && task.rounds <= 1'000'000, problems, "rounds: must be 1 to 1000000, got ",
         task.rounds);
  expect(task.round_steps >= 1 && task.round_steps <= std::int64_t{1} << 40, problems,
         "round_steps: must be at least 1, got ", task.round_steps);
  expect(task.link_steps >= 1, problems, "link_steps: must be at least 1, got ", task.link_steps);
  expect(task.link_steps < 1 || task.round_steps / task.link_steps <= 10'000, problems,
         "link_steps: ", task.round_steps, " steps a round make more than 10000 links of ", task.link_steps);
  expect(task.numerics_version == kNumericsVersion, problems, "numerics_version: the task has ",
         task.numerics_version, ", this program computes ", kNumericsVersion);
}

void check_members(const Task& task, Problems& problems) {
  std::set<std::string> names;
  std::set<identity::PublicKey> keys;
  for (const Member& member : task.members) {
    expect(!member.name.empty() && member.name.size() <= 100, problems,
           "members: a name is empty or too long");
    expect(names.insert(member.name).second, problems, "members: ", member.name, " stands twice");
    expect(keys.insert(member.key).second, problems, "members: ", member.name,
           " has the key of another member");
  }
}

/// The values that a search can give a key; for a range its ends.
std::vector<std::string> values_of(const explore::Dimension& dimension) {
  constexpr std::int64_t most = 1000;
  const std::int64_t parts = dimension.parts();
  if (parts == 0 || parts > most) return {dimension.at(0), dimension.at(1)};
  std::vector<std::string> values;
  for (std::int64_t part = 0; part < parts; ++part)
    values.push_back(dimension.at((static_cast<double>(part) + 0.5) / static_cast<double>(parts)));
  return values;
}

/// Every value must make a recipe that can be trained: a proposal that cannot would end the run in its
/// middle. Batch and micro-batch sizes are tried in all pairs, as one must divide the other.
void check_values(const Task& task, const explore::SearchSpace& space, Problems& problems) {
  train::Recipe first = task.recipe;
  for (const explore::Dimension& dimension : space.dimensions())
    train::apply_setting(first, dimension.key, dimension.at(0));
  std::vector<train::Recipe> sizes{first};
  std::set<std::string> found;
  const auto try_out = [&](const train::Recipe& recipe, std::string_view key) {
    for (const std::string& problem : train::problems({recipe, {}}, 1))
      if (found.size() < 10 && found.insert(problem).second)
        problems.push_back(concat("search: ", key, " may become impossible: ", problem));
  };
  for (const explore::Dimension& dimension : space.dimensions()) {
    const bool is_size = dimension.key == "batch_size" || dimension.key == "micro_batch";
    std::vector<train::Recipe> tried;
    for (const train::Recipe& base : is_size ? sizes : std::vector<train::Recipe>{first})
      for (const std::string& value : values_of(dimension)) {
        tried.push_back(base);
        train::apply_setting(tried.back(), dimension.key, value);
      }
    if (is_size)
      sizes = std::move(tried);
    else
      for (const train::Recipe& recipe : tried) try_out(recipe, dimension.key);
  }
  if (sizes.size() > 1)
    for (const train::Recipe& recipe : sizes) try_out(recipe, "batch_size");
}

void check_search(const Task& task, Problems& problems) {
  if (task.search.empty()) {
    expect(!task.halving.is_on, problems, "explore.halving: there is no search space to halve");
    return;
  }
  try {
    const auto space = explore::SearchSpace::parse(task.search);
    explore::make_proposer(space, task.explore);
    for (const explore::Dimension& dimension : space.dimensions())
      expect(!dimension.key.starts_with("model."), problems, "search: ", dimension.key,
             " cannot be explored in rounds, as models of different architectures have no common start; run "
             "one job "
             "for each model");
    if (train::problems({task.recipe, {}}, 1).empty()) check_values(task, space, problems);
  } catch (const Error& e) {
    problems.emplace_back(e.what());
  }
}

void check_audit(const Task& task, std::int64_t hidden_images, Problems& problems) {
  const AuditRules& audit = task.audit;
  expect(audit.links >= 0, problems, "audit.links: must be 0 or more, got ", audit.links);
  expect(audit.alpha_millionths >= 1 && audit.alpha_millionths <= 500'000, problems,
         "audit.alpha_millionths: must be 1 to 500000, got ", audit.alpha_millionths);
  expect(audit.largest_value > 0, problems, "audit.largest_value: must be above 0");
  expect(audit.hidden_images >= 0, problems, "audit.hidden_images: must be 0 or more, got ",
         audit.hidden_images);
  expect(hidden_images > 0 || audit.hidden_images <= 0, problems, "audit.hidden_images: asks for ",
         audit.hidden_images, " images a round, but there is no hidden set");
  const std::int64_t each = hidden_per_round(task, hidden_images);
  if (hidden_images > 0)
    expect(each >= 1 && each <= hidden_images / task.rounds, problems, "audit.hidden_images: ", task.rounds,
           " rounds of ", std::max<std::int64_t>(each, 1), " fresh images need more than the ", hidden_images,
           " of the hidden set");
  expect(hidden_images > 0 || task.pool.pool.empty(), problems,
         "pool: nothing can be paid without a hidden set (FILE.hidden.h5 beside the data set)");
}

void check_pool(const Task& task, std::int64_t hidden_images, Problems& problems) {
  if (task.pool.pool.empty()) return;
  try {
    const RewardRule rule = reward_rule_from_name(task.pool.rule);
    expect(rule != RewardRule::shapley || task.members.size() <= 12, problems,
           "pool.rule: shapley values are exact for at most 12 members, the task has ", task.members.size());
    expect(!Amount::from_decimal(task.pool.pool).is_zero(), problems,
           "pool.amount: there is nothing to share");
  } catch (const Error& e) {
    problems.push_back(concat("pool: ", e.what()));
  }
  expect(task.pool.gamma == 1 || task.pool.gamma == 2, problems, "pool.gamma: must be 1 or 2, got ",
         task.pool.gamma);
  expect(task.pool.unproven_denominator > 0 && task.pool.unproven_numerator >= 0 &&
             task.pool.unproven_numerator <= task.pool.unproven_denominator,
         problems, "pool.unproven_rate: must be a fraction from 0 to 1");
  const std::int64_t each = hidden_per_round(task, hidden_images);
  expect(task.pool.is_demonstration || each >= kLeastHiddenImages, problems,
         "pool: a paid round needs at least ", kLeastHiddenImages, " hidden images, each of the ",
         task.rounds, " rounds has ", each, "; say pool.demonstration = true if nothing will be paid");
}

}  // namespace

std::vector<std::string> problems(const Task& task, std::int64_t hidden_images) {
  Problems found;
  check_course(task, found);
  check_members(task, found);
  check_search(task, found);
  if (task.rounds < 1) return found;
  check_audit(task, hidden_images, found);
  if (hidden_images > 0) check_pool(task, hidden_images, found);
  return found;
}

std::int64_t hidden_per_round(const Task& task, std::int64_t hidden_images) {
  if (hidden_images == 0) return 0;
  return task.audit.hidden_images > 0 ? task.audit.hidden_images
                                      : hidden_images / std::max<std::int64_t>(1, task.rounds);
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
