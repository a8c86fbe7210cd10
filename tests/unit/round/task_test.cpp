#include "cohort/round/task.hpp"

#include <gmock/gmock.h>

#include <ctime>
#include <functional>
#include <set>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "some_task.hpp"

namespace cohort::round {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Task, ReadsBackWithTheSameDigest) {
  for (const Task& task : {some_task(), plain_task()}) {
    const Task read = task_from_json(Json::parse(to_json(task).dump(1)));
    EXPECT_EQ(to_json(read).dump(), to_json(task).dump());
    EXPECT_EQ(task_digest(read), task_digest(task));
  }
}

TEST(Task, DigestCoversEveryField) {
  const std::vector<std::function<void(Task&)>> changes{
      [](Task& t) { t.numerics_version = 7; },
      [](Task& t) { t.recipe.seed = 8; },
      [](Task& t) { t.recipe.schedule.learning_rate *= 2; },
      [](Task& t) { t.recipe.augment.flip = !t.recipe.augment.flip; },
      [](Task& t) { t.rounds = 3; },
      [](Task& t) { t.round_steps = 13; },
      [](Task& t) { t.link_steps = 6; },
      [](Task& t) { t.schedule_spans_run = false; },
      [](Task& t) { t.partition.rule = data::PartitionRule::split; },
      [](Task& t) { t.partition.column = "clinic"; },
      [](Task& t) {
        t.partition.train = {10, 21};
      },
      [](Task& t) { t.partition.validation = {0.5}; },
      [](Task& t) { t.partition.seed = 4; },
      [](Task& t) { t.search.pop_back(); },
      [](Task& t) { t.search[0].second = "log(1e-3, 4e-1)"; },
      [](Task& t) { t.explore.proposer = "random"; },
      [](Task& t) { t.explore.seed = 6; },
      [](Task& t) { t.explore.grid_points = 5; },
      [](Task& t) { t.explore.quantile = 0.3; },
      [](Task& t) { t.explore.resample = 0.75; },
      [](Task& t) { t.halving.is_on = false; },
      [](Task& t) { t.halving.first_rung = 3; },
      [](Task& t) { t.halving.factor = 5; },
      [](Task& t) { t.merge.rule = MergeRule::best; },
      [](Task& t) { t.merge.weights = MergeWeights::uniform; },
      [](Task& t) { t.merge.statistics = StatisticsPolicy::aggregate; },
      [](Task& t) { t.merge.gate = true; },
      [](Task& t) { t.audit.evidence = Evidence::replay; },
      [](Task& t) { t.audit.links = 4; },
      [](Task& t) { t.audit.hidden_images = 451; },
      [](Task& t) { t.audit.alpha_millionths = 20'001; },
      [](Task& t) { t.audit.largest_value = 1e4; },
      [](Task& t) { t.pool.pool = "1"; },
      [](Task& t) { t.pool.rule = "rank"; },
      [](Task& t) { t.pool.gamma = 2; },
      [](Task& t) { t.pool.unproven_numerator = 1; },
      [](Task& t) { t.pool.unproven_denominator = 4; },
      [](Task& t) { t.pool.is_demonstration = true; },
      [](Task& t) { std::swap(t.classes[0], t.classes[1]); },
      [](Task& t) { t.dataset[0] ^= 1; },
      [](Task& t) { t.hidden[31] ^= 128; },
      [](Task& t) { t.partition_root[5] ^= 1; },
      [](Task& t) { t.secret_commitment[5] ^= 1; },
      [](Task& t) { t.registration_beacon[5] ^= 1; },
      [](Task& t) { t.members.pop_back(); },
      [](Task& t) { std::swap(t.members[0], t.members[1]); },
      [](Task& t) { t.members[0].name = "device-02"; },
      [](Task& t) { t.members[0].key[0] ^= 1; },
      [](Task& t) { t.members[1].address = t.members[0].address; },
  };
  std::set<Digest> seen{task_digest(some_task())};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Task task = some_task();
    changes[i](task);
    EXPECT_TRUE(seen.insert(task_digest(task)).second) << "change " << i << " is not covered";
    EXPECT_EQ(task_digest(task_from_json(to_json(task))), task_digest(task))
        << "change " << i << " is not read";
  }
}

TEST(Task, IsWrittenQuicklyHoweverManyPartsItHas) {
  Task task = plain_task();
  for (int i = 0; i < 100'000; ++i) task.search.emplace_back(concat("key.", i), "linear(0, 1)");
  const std::clock_t start = std::clock();
  EXPECT_EQ(to_json(task).at("explore").at("space").as_object().size(), task.search.size());
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 4) << "looking at all keys before each takes longer";
}

TEST(Task, NamesWhatIsMissing) {
  const Json whole = to_json(some_task());
  for (const auto& [name, value] : whole.as_object()) {
    Json without = Json::object();
    for (const auto& [other, kept] : whole.as_object())
      if (other != name) without.set(other, kept);
    EXPECT_THAT([&] { task_from_json(without); }, ThrowsMessage<Error>(HasSubstr(name)));
  }
  EXPECT_THROW(task_from_json(Json::parse("[]")), DataError);
  EXPECT_THROW(task_from_json(Json::parse(R"({"schema": 3})")), DataError);
  Json odd = whole;
  odd.set("recipe", Json::object().set("no_such_key", "1"));
  EXPECT_THAT([&] { task_from_json(odd); }, ThrowsMessage<Error>(HasSubstr("no_such_key")));
}

TEST(Task, GivesEachMemberAndRoundItsRecipe) {
  const Task task = some_task();
  const train::Recipe first = member_recipe(
      task, 1, task.members[0], {{"schedule.learning_rate", "0.25"}, {"optimizer.name", "adamw"}});
  EXPECT_EQ(first.schedule.learning_rate, 0.25);
  EXPECT_EQ(first.optimizer.kind, optim::OptimizerKind::adamw);
  EXPECT_EQ(first.steps, 24);
  EXPECT_EQ(first.schedule_start, 0);
  EXPECT_EQ(member_recipe(task, 2, task.members[0], {}).schedule_start, 12);
  Task per_round = task;
  per_round.schedule_spans_run = false;
  EXPECT_EQ(member_recipe(per_round, 2, task.members[0], {}).schedule_start, 0);
  EXPECT_EQ(member_recipe(per_round, 2, task.members[0], {}).steps, 12);
  std::set<std::uint64_t> seeds;
  for (std::int64_t round = 1; round <= 3; ++round)
    for (const Member& member : task.members) seeds.insert(member_seed(task, round, member));
  EXPECT_EQ(seeds.size(), 6U);
}

}  // namespace
}  // namespace cohort::round
