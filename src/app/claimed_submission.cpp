#include "claimed_submission.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "cohort/core/json.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/identity/commitment.hpp"
#include "cohort/round/candidate.hpp"
#include "cohort/store/parsed_text.hpp"
#include "cohort/train/options.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Problems = std::vector<std::string>;

/// Counts that `cohort evaluate` has written for just this model.
round::Claim claim_of(const fs::path& path, const Digest& state) {
  return store::parsed_json(path, [&](const Json& metrics) {
    if (metrics.at("schema").as_string() != "cohort/evaluation/1")
      throw DataError("not the metrics.json of an evaluation");
    if (digest_from_hex(metrics.at("state_sha256").as_string()) != state)
      throw DataError("is about another state than the checkpoint's");
    round::Claim claim;
    claim.correct = metrics.at("correct").as_int();
    claim.samples = metrics.at("samples").as_int();
    claim.data = digest_from_hex(metrics.at("split_sha256").as_string());
    for (const Json& row : metrics.at("confusion").as_array())
      for (const Json& count : row.as_array()) claim.confusion.push_back(count.as_int());
    return claim;
  });
}

/// What ordinary training decides by itself or cannot be told.
bool is_the_tasks_alone(const std::string& key) {
  constexpr std::array keys{"seed", "epochs", "max_steps", "steps", "schedule_start", "start_model"};
  return std::ranges::find(keys, key) != keys.end();
}

/// "batch_size: task 8, checkpoint 64"
Problems hyper_parameter_differences(Pairs of_task, Pairs of_checkpoint) {
  for (Pairs* recipe : {&of_task, &of_checkpoint})
    std::erase_if(*recipe, [](const auto& pair) { return is_the_tasks_alone(pair.first); });
  return train::recipe_differences(of_task, of_checkpoint, {"task ", "checkpoint "});
}

/// The member of this name; the first one, and a problem, when there is none.
const round::Member& member_of(const ClaimOrder& order, const round::Task& task,
                               const identity::SecretKey& key, Problems& problems) {
  const auto found = std::ranges::find(task.members, order.member, &round::Member::name);
  if (found == task.members.end()) {
    problems.push_back(round::unknown_member(task, order.member));
    return task.members.front();
  }
  if (found->key != key.public_key())
    problems.push_back(concat("the key is not the one that the task has for ", order.member));
  return *found;
}

void check_task(const ClaimOrder& order, const round::Task& task, Problems& problems) {
  if (task.audit.evidence == round::Evidence::replay)
    problems.push_back(
        "the task asks for evidence replay: only a run of its rounds keeps the chain of states for that");
  if (!task.search.empty())
    problems.push_back("the task assigns parameters each round: only a run of its rounds follows them");
  if (order.round > task.rounds)
    problems.push_back(concat("round ", order.round, ": the task has rounds 1 to ", task.rounds));
  if (order.round > 1 && order.parent.empty())
    problems.push_back(concat("round ", order.round, " starts from a merged model: name it with --parent"));
  if (order.round == 1 && !order.parent.empty())
    problems.push_back("round 1 starts from the task's first model: leave --parent out");
  if (task.numerics_version != kNumericsVersion)
    problems.push_back(concat("numerics_version: the task has ", task.numerics_version,
                              ", this program computes ", kNumericsVersion));
}

/// Steps count from the first round on: what goes on from a merged model has that one's behind it.
void check_training(const TrainedModel& trained, const round::Task& task, std::int64_t round,
                    const Pairs& recipe, Problems& problems) {
  const train::CheckpointHeader& header = trained.checkpoint.header;
  if (header.numerics_version != task.numerics_version)
    problems.push_back(concat("numerics_version ", header.numerics_version, " instead of the task's ",
                              task.numerics_version));
  if (header.classes != task.classes) problems.push_back("its classes, or their order, are not the task's");
  const std::int64_t most = std::clamp<std::int64_t>(round, 1, task.rounds) * task.round_steps;
  if (header.step > most)
    problems.push_back(concat("was trained for ", header.step, " steps, round ", round, " ends at ", most));
  const std::vector<std::string> others = hyper_parameter_differences(recipe, header.recipe);
  if (!others.empty())
    problems.push_back(concat("other hyper-parameters than the task's: ", joined(others, "; ")));
}

round::Model parent_of(const ClaimOrder& order, const round::Task& task, const nn::StateLayout& layout,
                       Problems& problems) {
  if (order.parent.empty()) return round::initial_model(layout, task.recipe.seed);
  try {
    return load_parent(order.parent, layout);
  } catch (const DataError& e) {
    problems.emplace_back(e.what());
    return round::initial_model(layout, task.recipe.seed);
  }
}

}  // namespace

round::Submission claimed_submission(const ClaimOrder& order, const round::Task& task,
                                     const identity::SecretKey& key, const TrainedModel& trained) {
  Problems problems;
  check_task(order, task, problems);
  const round::Member& member = member_of(order, task, key, problems);
  const train::Recipe recipe = round::member_recipe(task, order.round, member, {});
  const Pairs recipe_text = train::recipe_text(recipe);
  check_training(trained, task, order.round, recipe_text, problems);
  const nn::StateLayout layout = nn::layout_state(nn::build_model(task.recipe.model));
  const round::Model parent = parent_of(order, task, layout, problems);
  if (!problems.empty())
    throw DataError(concat("make a submission of ", trained.file.string(), ": ", joined(problems, "; ")));
  round::Submission submission;
  round::SubmissionHeader& header = submission.header;
  submission.parameters = copy_of(trained.parameters());
  submission.statistics = copy_of(trained.statistics());
  header.numerics_version = task.numerics_version;
  header.task = round::task_digest(task);
  header.round = order.round;
  header.member = member.name;
  header.key = key.public_key();
  header.parent = round::model_digest(layout, parent.parameters.span(), parent.statistics.span());
  header.model = round::model_digest(layout, trained.parameters(), trained.statistics());
  header.claim = claim_of(order.metrics, train::state_digest(trained.layout, trained.checkpoint.state));
  header.recipe = recipe_text;
  const Digest round = identity::round_digest(header.task, static_cast<std::uint64_t>(order.round));
  const Digest first = train::state_digest(layout, round::starting_state(recipe, parent));
  header.chain = {{0, first,
                   round::chain_start(round, header.key,
                                      identity::identity_seed(round, header.key, task.registration_beacon),
                                      header.parent, first)}};
  round::sign(submission, key);
  return submission;
}

}  // namespace cohort::app
