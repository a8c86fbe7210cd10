// What can be wrong with a task, found before anybody trains for it.
#include "round/task_problems.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>
#include <string_view>

#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/utf8.hpp"
#include "cohort/core/visible.hpp"
#include "cohort/round/address.hpp"
#include "cohort/round/hypothesis.hpp"
#include "cohort/round/reward.hpp"
#include "cohort/train/recipe_setting.hpp"

namespace cohort::round {
namespace {

using Problems = std::vector<std::string>;

template <typename... Parts>
void expect(bool holds, Problems& problems, const Parts&... parts) {
  if (!holds) problems.push_back(concat(parts...));
}

constexpr std::int64_t kMostSteps = std::int64_t{1} << 40, kMostLinks = 10'000;
constexpr std::int64_t kMostScheduled = std::int64_t{1} << 53;  // steps of all rounds: the schedule's limit

void check_course(const Task& task, Problems& problems) {
  expect(task.rounds >= 1 && task.rounds <= 1'000'000, problems, "rounds: must be 1 to 1000000, got ",
         task.rounds);
  const bool has_steps = task.round_steps >= 1 && task.round_steps <= kMostSteps;
  expect(has_steps, problems, "round_steps: must be 1 to 2^40, got ", task.round_steps);
  expect(!has_steps || task.rounds < kMostScheduled / task.round_steps, problems, "rounds: ", task.rounds,
         " rounds of ", task.round_steps, " steps are more than 2^53 steps");
  const bool has_links = task.link_steps >= 1 && task.link_steps <= kMostSteps;
  expect(has_links, problems, "link_steps: must be 1 to 2^40, got ", task.link_steps);
  if (!has_steps || !has_links) return;
  const std::int64_t links = links_of(task);
  expect(links <= kMostLinks, problems, "link_steps: ", task.round_steps, " steps a round make ", links,
         " links of ", task.link_steps, ", more than the ", kMostLinks, " of a submission");
}

/// Whether a name has blanks that look like nothing, or like those of another name: at its ends, two in a
/// row, or other ones than U+0020.
bool has_odd_blanks(std::string_view name) {
  if (name.starts_with(' ') || name.ends_with(' ') || name.find("  ") != std::string_view::npos) return true;
  while (!name.empty()) {
    const Character character = first_character(name);
    const char32_t code = character.code;
    const bool is_in_rows = (code >= 0x2000 && code <= 0x200a) || code == 0x202f || code == 0x205f;
    const bool is_alone = code == 0xa0 || code == 0x1680 || code == 0x2800 || code == 0x3000;
    if (character.is_valid && (is_in_rows || is_alone)) return true;
    name.remove_prefix(character.bytes);
  }
  return false;
}

/// Names become names of folders and stand in reports: nothing that leads elsewhere, does not show, or is
/// taken for a file that a killed writer has left. Empty where a name is fit for that.
std::string_view problem_of_name(const std::string& name) {
  if (name.empty()) return "is empty";
  if (name.size() > 100) return "is longer than 100 bytes";
  if (name.front() == '.') return "begins with a dot";
  if (name.find('/') != std::string::npos) return "has a slash";
  if (name.find(".tmp.") != std::string::npos) return "has '.tmp.' in it, as half-written files do";
  if (!is_plain_text(name)) return "has characters that do not show";
  return has_odd_blanks(name) ? "has blanks other than single spaces between words" : "";
}

void check_list(std::span<const Member> members, std::string_view list, Problems& problems) {
  std::set<std::string> names;
  std::set<identity::PublicKey> keys;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Member& member = members[i];
    if (const std::string_view problem = problem_of_name(member.name); !problem.empty()) {
      problems.push_back(concat(list, ": the name of number ", i + 1, " ", problem));
      continue;
    }
    expect(names.insert(member.name).second, problems, list, ": ", member.name, " stands twice");
    expect(keys.insert(member.key).second, problems, list, ": ", member.name,
           " has the key of another member");
    if (member.address.empty()) continue;
    try {
      static_cast<void>(address_from_text(member.address));
    } catch (const Error& e) {
      problems.push_back(concat(list, ": ", member.name, ": ", e.what()));
    }
  }
}

void check_members(const Task& task, Problems& problems) {
  expect(!task.members.empty(), problems, "members: the task has none");
  check_list(task.members, "members", problems);
  if (task.contributors.empty()) return;
  check_list(paid_members(task), "contributors", problems);
  expect(task.members.size() == 1, problems, "contributors: they train one candidate together, the task has ",
         task.members.size());
  expect(task.pool.rule == name_of(RewardRule::micro_batches), problems,
         "contributors: they are paid by the rule micro-batches, the task says ", task.pool.rule);
  const std::int64_t owed =
      task.recipe.micro_batch > 0 ? task.recipe.batch_size / task.recipe.micro_batch : 0;
  std::int64_t shared = 0;
  for (const Contributor& contributor : task.contributors) {
    const bool is_possible = contributor.micro_batches >= 1 && contributor.micro_batches <= owed - shared;
    expect(is_possible, problems, "contributors: ", contributor.member.name, " owes ",
           contributor.micro_batches, " of a step's ", owed, " micro-batches, ", owed - shared, " are left");
    if (!is_possible) return;
    shared += contributor.micro_batches;
  }
  expect(shared == owed, problems, "contributors: nobody owes ", owed - shared, " of a step's ", owed,
         " micro-batches");
}

void check_recipe(const Task& task, Problems& problems) {
  for (const std::string& problem : train::problems({task.recipe, {}}, 1))
    problems.push_back(concat("recipe: ", problem));
  expect(task.classes.size() == static_cast<std::size_t>(std::max(task.recipe.model.classes, 0)), problems,
         "classes: the task names ", task.classes.size(), ", its model tells ", task.recipe.model.classes,
         " apart");
  expect(task.recipe.start_model.empty(), problems,
         "recipe: start_model: rounds start from a model that is drawn from the seed");
  expect(task.partition.rule != data::PartitionRule::by_column || !task.partition.column.empty(), problems,
         "partition.column: which column is to part the data?");
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
  expect(task.halving.first_rung >= 1 && task.halving.factor >= 2 && task.halving.factor <= 1000, problems,
         "explore: first_rung must be at least 1 and factor 2 to 1000, got ", task.halving.first_rung,
         " and ", task.halving.factor);
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

void check_audit(const Task& task, Problems& problems) {
  const AuditRules& audit = task.audit;
  expect(audit.links >= 0, problems, "audit.links: must be 0 or more, got ", audit.links);
  expect(audit.alpha_millionths >= 1 && audit.alpha_millionths <= 500'000, problems,
         "audit.alpha_millionths: must be 1 to 500000, got ", audit.alpha_millionths);
  expect(audit.largest_value > 0 && std::isfinite(audit.largest_value), problems,
         "audit.largest_value: must be above 0");
  expect(audit.hidden_images >= 0, problems, "audit.hidden_images: must be 0 or more, got ",
         audit.hidden_images);
  expect(audit.evidence != Evidence::hidden || task.hidden != Digest{}, problems,
         "audit.evidence: hidden needs a hidden set (FILE.hidden.h5 beside the data set)");
  expect(audit.evidence != Evidence::claim || audit.hidden_images <= 0, problems,
         "audit.hidden_images: evidence claim counts no hidden images; take hidden or replay");
}

void check_pool(const Task& task, Problems& problems) {
  if (task.pool.pool.empty()) return;
  try {
    const RewardRule rule = reward_rule_from_name(task.pool.rule);
    expect(rule != RewardRule::shapley || task.members.size() <= 12, problems,
           "pool.rule: shapley values are exact for at most 12 members, the task has ", task.members.size());
    expect(rule != RewardRule::shapley || task.audit.evidence == Evidence::replay, problems,
           "pool.rule: without replay a second model can be made that steers shapley values; take evidence "
           "replay or another rule");
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
  expect(
      task.audit.evidence != Evidence::claim, problems,
      "pool: shares follow from hidden images, which evidence claim does not count; take hidden or replay");
}

/// What the size of the hidden set decides.
void check_hidden(const Task& task, std::int64_t hidden_images, Problems& problems) {
  if (task.audit.evidence == Evidence::claim || task.rounds < 1) return;
  expect(hidden_images > 0 || task.audit.hidden_images <= 0, problems, "audit.hidden_images: asks for ",
         task.audit.hidden_images, " images a round, but there is no hidden set");
  expect(hidden_images > 0 || task.pool.pool.empty(), problems,
         "pool: nothing can be paid without a hidden set (FILE.hidden.h5 beside the data set)");
  if (hidden_images <= 0) return;
  const std::int64_t each = hidden_per_round(task, hidden_images);
  expect(each >= 1 && each <= hidden_images / task.rounds, problems, "audit.hidden_images: ", task.rounds,
         " rounds of ", std::max<std::int64_t>(each, 1), " fresh images need more than the ", hidden_images,
         " of the hidden set");
  expect(each <= kMostHiddenImages, problems, "audit.hidden_images: ", each,
         " images a round are more than the ", kMostHiddenImages,
         " that an exact test takes; say how many with audit.hidden_images");
  expect(task.pool.pool.empty() || task.pool.is_demonstration || each >= kLeastHiddenImages, problems,
         "pool: a paid round needs at least ", kLeastHiddenImages, " hidden images, each of the ",
         task.rounds, " rounds has ", each, "; say pool.demonstration = true if nothing will be paid");
}

}  // namespace

std::vector<std::string> rule_problems(const Task& task) {
  Problems found;
  check_course(task, found);
  check_members(task, found);
  check_recipe(task, found);
  check_search(task, found);
  check_audit(task, found);
  check_pool(task, found);
  return found;
}

std::string numerics_problem(const Task& task) {
  if (task.numerics_version == kNumericsVersion) return {};
  return concat("numerics_version: the task has ", task.numerics_version, ", this program computes ",
                kNumericsVersion);
}

std::vector<std::string> problems(const Task& task, std::int64_t hidden_images) {
  Problems found = rule_problems(task);
  if (std::string problem = numerics_problem(task); !problem.empty()) found.push_back(std::move(problem));
  check_hidden(task, hidden_images, found);
  return found;
}

}  // namespace cohort::round
