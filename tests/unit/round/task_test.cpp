#include "cohort/round/task.hpp"

#include <gmock/gmock.h>

#include <ctime>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <set>

#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/rounds.hpp"
#include "support/tiny_run.hpp"

namespace cohort::round {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

constexpr std::int64_t kHidden = 1000;

/// A task that uses everything.
Task some_task() {
  Task task;
  task.numerics_version = kNumericsVersion;
  task.recipe = tests::tiny_job().recipe;
  task.recipe.model.classes = 3;
  task.recipe.model.input = {3, 20, 20};
  task.rounds = 2;
  task.round_steps = 12;
  task.link_steps = 5;
  task.partition = {data::PartitionRule::by_column, "site", {10, 20}, {0.25}, 3};
  task.search = {{"lr", "log(1e-3, 3e-1)"}, {"optimizer.name", "choice(sgd, adamw)"}};
  task.explore = {"gp", 5, 4, 0.25, 0.5};
  task.halving = {true, 2, 4};
  task.merge = {MergeRule::soup, MergeWeights::validation, StatisticsPolicy::recompute, false};
  task.audit = {Evidence::hidden, 3, 450, 20'000, 1e5};
  task.pool = {"123456789012345678901234567890", "plain", 1, 2, 3, false};
  task.classes = {"akiec", "bcc", "nv"};
  task.dataset = sha256("dataset");
  task.hidden = sha256("hidden");
  task.partition_root = sha256("partition");
  task.secret_commitment = sha256("secret");
  task.registration_beacon = sha256("registration");
  task.members = {{"device-01", sha256("key 1"), "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359"},
                  {"Zürich \"Süd\"", sha256("key 2"), ""}};
  return task;
}

/// A task that uses nothing that it need not.
Task plain_task() {
  Task task;
  task.numerics_version = kNumericsVersion;
  task.recipe = tests::tiny_job().recipe;
  task.recipe.model.classes = 2;
  task.recipe.model.input = {3, 20, 20};
  task.classes = {"benign", "melanoma"};
  task.members = {{"device-01", sha256("key 1"), ""}};
  return task;
}

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

/// A stored task whose text was changed in one place.
Json changed(std::initializer_list<const char*> path, Json value) {
  Json whole = to_json(some_task());
  if (path.size() == 1) return whole.set(*path.begin(), std::move(value));
  Json part = whole.at(*path.begin());
  part.set(*(path.begin() + 1), std::move(value));
  return whole.set(*path.begin(), std::move(part));
}

TEST(StoredTask, IsRefusedOutOfBounds) {
  const auto refuses = [](const Json& json, const std::string& words) {
    EXPECT_THAT([&] { task_from_json(json); }, ThrowsMessage<DataError>(HasSubstr(words)));
  };
  refuses(changed({"rounds"}, 0), "rounds: must be 1 to 1000000, got 0");
  refuses(changed({"round_steps"}, 0), "round_steps: must be 1");
  refuses(changed({"link_steps"}, 0), "link_steps: must be 1");
  refuses(changed({"link_steps"}, INT64_MAX), "link_steps: must be 1 to 2^40");
  refuses(changed({"audit", "links"}, -1), "audit.links: must be 0 or more, got -1");
  refuses(changed({"audit", "alpha_millionths"}, 0), "alpha_millionths");
  refuses(changed({"audit", "evidence"}, "claim"), "evidence claim counts no hidden images");
  refuses(changed({"explore", "factor"}, 1), "factor 2 to 1000");
  refuses(changed({"pool", "unproven_rate"}, "3/2"), "must be a fraction from 0 to 1");
  refuses(changed({"pool", "unproven_rate"}, "half"), "pool.unproven_rate: not a fraction");
  refuses(changed({"recipe", "micro_batch"}, "0"), "recipe");
  refuses(changed({"classes"}, Json(Json::Array{"nv"})),
          "classes: the task names 1, its model tells 3 apart");
  refuses(changed({"members"}, Json::array()), "members: the task has none");
  refuses(changed({"seed"}, 1), "unknown member 'seed'");
  // Names that the command line knows too are the file's mistake here.
  refuses(changed({"merge", "rule"}, "avarage"), "merge.rule: ");
  refuses(changed({"merge", "weights"}, "sample"), "merge.weights: ");
  refuses(changed({"partition", "rule"}, "by:site"), "partition.rule: unknown rule 'by:site'");
  EXPECT_EQ(task_from_json(changed({"numerics_version"}, 7)).numerics_version,
            7);  // who computes it refuses it
}

TEST(StoredTask, NamesAllProblemsAndItsFile) {
  const tests::TemporaryFolder folder("stored-task");
  const auto refusal = [&](const Json& json) {
    std::ofstream(folder.path() / "task.json") << json.dump();
    try {
      read_task(folder.path() / "task.json");
    } catch (const DataError& e) {
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  const std::string unread =
      refusal(changed({"merge", "rule"}, "avarage").set("rounds", "two").set("colour", "red"));
  EXPECT_THAT(unread, AllOf(HasSubstr("task.json"), HasSubstr("merge.rule"), HasSubstr("rounds: "),
                            HasSubstr("unknown member 'colour'")));
  const std::string impossible = refusal(changed({"audit", "links"}, -1).set("link_steps", 0));
  EXPECT_THAT(impossible, AllOf(HasSubstr("task.json"), HasSubstr("link_steps"), HasSubstr("audit.links")));
}

TEST(StoredTask, HasMembersWhoseNamesDoNotLookEmptyOrEqual) {
  Task task = plain_task();
  for (const char* blank :
       {" ", "\u00a0", "\u1680", "\u2000", "\u200a", "\u202f", "\u205f", "\u2800", "\u3000"})
    for (const std::string& name : {std::string(blank), concat("site-a", blank), concat(blank, "site-a"),
                                    concat("site", blank, blank, "a")}) {
      task.members[0].name = name;
      EXPECT_THAT(problems(task, 0), Contains(HasSubstr("the name of number 1 has blanks other than")))
          << name;
    }
  for (const char* nothing : {"\U0001d159", "\U00013441", "\ufdd0", "\U0002fffe"}) {
    task.members[0].name = concat("site", nothing, "a");
    EXPECT_THAT(problems(task, 0), Contains(HasSubstr("has characters that do not show"))) << nothing;
  }
  for (const char* name : {"site a", "Klinik am Rhein", "東京 1"}) {
    task.members[0].name = name;
    EXPECT_THAT(problems(task, 0), IsEmpty()) << name;
  }
}

TEST(StoredTask, HasMembersWhoseNamesLeadNowhere) {
  for (const auto& [name, words] :
       std::vector<std::pair<std::string, std::string>>{{"", "is empty"},
                                                        {".", "begins with a dot"},
                                                        {"..", "begins with a dot"},
                                                        {".hidden", "begins with a dot"},
                                                        {"../../etc", "begins with a dot"},
                                                        {"a/b", "has a slash"},
                                                        {"two\nlines", "has characters that do not show"},
                                                        {"\x1b[31m", "has characters that do not show"},
                                                        {"\xff", "has characters that do not show"},
                                                        {"\xe2\x80\xae", "has characters that do not show"},
                                                        {"x.tmp.1.y", "has '.tmp.' in it"}}) {
    Task task = plain_task();
    task.members[0].name = name;
    EXPECT_THAT(problems(task, 0), Contains(HasSubstr("the name of number 1 " + words))) << name;
  }
  Task task = plain_task();
  task.members[0].name = std::string(101, 'n');
  EXPECT_THAT(problems(task, 0), Contains(HasSubstr("longer than 100 bytes")));
  task.members[0] = {"device-01", sha256("key"), "0x12"};
  EXPECT_THAT(problems(task, 0), Contains(HasSubstr("device-01: ")));
}

TEST(Task, HasNoProblems) {
  EXPECT_THAT(problems(some_task(), kHidden), IsEmpty());
  EXPECT_THAT(problems(plain_task(), 0), IsEmpty());
}

struct Mistake {
  std::string words;
  std::function<void(Task&)> make;
  std::int64_t hidden = kHidden;
};

TEST(Task, NamesEachMistake) {
  const std::vector<Mistake> mistakes{
      {"rounds: must be 1 to 1000000, got 0", [](Task& t) { t.rounds = 0; }},
      {"round_steps: must be 1 to 2^40, got 0", [](Task& t) { t.round_steps = 0; }},
      {"link_steps: must be 1 to 2^40, got -1", [](Task& t) { t.link_steps = -1; }},
      {"make 10001 links of 10, more than the 10000",
       [](Task& t) { t.round_steps = 100'001, t.link_steps = 10; }},
      {"are more than 2^53 steps", [](Task& t) { t.rounds = 10'000, t.round_steps = std::int64_t{1} << 40; }},
      {"numerics_version: the task has 99", [](Task& t) { t.numerics_version = 99; }},
      {"the name of number 1 is empty", [](Task& t) { t.members[0].name = ""; }},
      {"device-01 stands twice", [](Task& t) { t.members[1].name = "device-01"; }},
      {"the key of another", [](Task& t) { t.members[1].key = t.members[0].key; }},
      {"no parameter 'learning_rat'", [](Task& t) { t.search[0].first = "learning_rat"; }},
      {"lr", [](Task& t) { t.search[0].second = "log(0, 1)"; }},
      {"model.name cannot be explored",
       [](Task& t) {
         t.search[0] = {"model", "choice(cnn-small, resnet18)"};
       }},
      {"batch_size 60",
       [](Task& t) {
         t.search[0] = {"batch_size", "choice(56, 60)"};
       }},
      {"random", [](Task& t) { t.explore.proposer = "randon"; }},
      {"no search space to halve", [](Task& t) { t.search.clear(); }},
      {"audit.links: must be 0 or more, got -1", [](Task& t) { t.audit.links = -1; }},
      {"alpha_millionths", [](Task& t) { t.audit.alpha_millionths = 0; }},
      {"largest_value", [](Task& t) { t.audit.largest_value = 0; }},
      {"2 rounds of 600 fresh images need more than the 1000", [](Task& t) { t.audit.hidden_images = 600; }},
      {"need more than the 1000",
       [](Task& t) { t.audit.hidden_images = std::int64_t{1} << 62, t.rounds = 1'000'000; }},
      {"there is no hidden set", [](Task& t) { t.pool.pool.clear(); }, 0},
      {"nothing can be paid without a hidden set", [](Task& t) { t.audit.hidden_images = 0; }, 0},
      {"100001 images a round are more than the 100000", [](Task& t) { t.audit.hidden_images = 100'001; },
       1'000'000},
      {"150000 images a round are more than the 100000", [](Task& t) { t.audit.hidden_images = 0; }, 300'000},
      {"evidence: hidden needs a hidden set", [](Task& t) { t.hidden = {}; }},
      {"shares follow from hidden images, which evidence claim does not count",
       [](Task& t) { t.audit.evidence = Evidence::claim, t.audit.hidden_images = 0; }},
      {"nothing to share", [](Task& t) { t.pool.pool = "0"; }},
      {"2^256",
       [](Task& t) {
         t.pool.pool = "115792089237316195423570985008687907853269984665640564039457584007913129639936";
       }},
      {"pool", [](Task& t) { t.pool.pool = "ten"; }},
      {"lower-bound", [](Task& t) { t.pool.rule = "lower-bond"; }},
      {"shapley values are exact for at most 12",
       [](Task& t) {
         t.pool.rule = "shapley";
         for (int i = 0; i < 12; ++i) t.members.push_back({concat("m", i), sha256(concat(i)), ""});
       }},
      {"pool.gamma: must be 1 or 2, got 3", [](Task& t) { t.pool.gamma = 3; }},
      {"unproven_rate", [](Task& t) { t.pool.unproven_numerator = 5; }},
      {"at least 400 hidden images, each of the 2 rounds has 399",
       [](Task& t) { t.audit.hidden_images = 399; }},
  };
  for (const Mistake& mistake : mistakes) {
    Task task = some_task();
    mistake.make(task);
    EXPECT_THAT(problems(task, mistake.hidden), Contains(HasSubstr(mistake.words)));
  }
  Task worst = some_task();
  worst.round_steps = 0;
  worst.members[1].name = "device-01";
  worst.audit.links = -1;
  worst.pool.gamma = 9;
  EXPECT_THAT(problems(worst, kHidden), ElementsAre(HasSubstr("round_steps"), HasSubstr("stands twice"),
                                                    HasSubstr("audit.links"), HasSubstr("pool.gamma")));
}

TEST(Task, AllowsSearchesThatFitTogether) {
  Task task = some_task();
  task.search = {{"batch_size", "choice(32, 64)"},
                 {"micro_batch", "choice(8, 16)"},
                 {"ema_decay", "linear(0.5, 0.9)"},
                 {"validate_weights", "choice(raw, ema)"}};
  EXPECT_THAT(problems(task, kHidden), IsEmpty());
  task.search[1].second = "choice(8, 64)";
  EXPECT_THAT(problems(task, kHidden), Contains(HasSubstr("64 does not divide batch_size 32")));
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
