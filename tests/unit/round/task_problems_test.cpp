// What can be wrong with a task.
#include <gmock/gmock.h>

#include <functional>

#include "cohort/core/text.hpp"
#include "cohort/round/rounds.hpp"
#include "some_task.hpp"

namespace cohort::round {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kHidden = 1000;

TEST(TaskProblems, AreNamesThatLookEmptyOrEqual) {
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

TEST(TaskProblems, AreNamesThatLeadElsewhere) {
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

TEST(TaskProblems, AreNotSeenWhereThereAreNone) {
  EXPECT_THAT(problems(some_task(), kHidden), IsEmpty());
  EXPECT_THAT(problems(plain_task(), 0), IsEmpty());
}

struct Mistake {
  std::string words;
  std::function<void(Task&)> make;
  std::int64_t hidden = kHidden;
};

TEST(TaskProblems, AreNamedEach) {
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

TEST(TaskProblems, AreNotSearchesThatFitTogether) {
  Task task = some_task();
  task.search = {{"batch_size", "choice(32, 64)"},
                 {"micro_batch", "choice(8, 16)"},
                 {"ema_decay", "linear(0.5, 0.9)"},
                 {"validate_weights", "choice(raw, ema)"}};
  EXPECT_THAT(problems(task, kHidden), IsEmpty());
  task.search[1].second = "choice(8, 64)";
  EXPECT_THAT(problems(task, kHidden), Contains(HasSubstr("64 does not divide batch_size 32")));
}

}  // namespace
}  // namespace cohort::round
