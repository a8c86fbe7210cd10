#include "cohort/round/merge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "cohort/core/error.hpp"
#include "cohort/train/step.hpp"
#include "unit/round/members.hpp"

namespace cohort::round {
namespace {

using tests::Members;
using tests::model_of;
using tests::small_layout;

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

/// A merge whose scores are made up: the incumbent's, then one for every model tried, in order.
struct Case {
  Members members;
  Model incumbent = model_of(77);
  MergeOptions options;
  std::vector<std::int64_t> scores;
  int recomputed = 0, scored = 0;
  bool diverges = false;  ///< batch statistics of every mean

  MergeResult run() {
    scored = 0;
    const ScoreModel score = [this](auto, auto) { return scores.at(static_cast<std::size_t>(scored++)); };
    const RecomputeStatistics recompute = [this](auto, std::span<float> statistics) {
      ++recomputed;
      if (diverges) throw train::DivergedError("not finite");
      std::fill(statistics.begin(), statistics.end(), 0.25f);
    };
    return merge(kernels::exact_table("auto"), small_layout(), incumbent, members.list(), options, score,
                 recompute);
  }
};

/// Members 0 to 3 with 70, 90, 90 and 80 correct answers.
Case four(MergeRule rule, std::vector<std::int64_t> scores) {
  Case result;
  for (const std::int64_t correct : {70, 90, 90, 80})
    result.members.add(static_cast<std::uint64_t>(correct + 1), correct * 2, correct);
  result.options.rule = rule;
  result.scores = std::move(scores);
  return result;
}

bool is_member(const MergeResult& result, Members& members, std::size_t index) {
  return same_bits(result.model.parameters.span(), members.model(index).parameters.span()) &&
         same_bits(result.model.statistics.span(), members.model(index).statistics.span());
}
bool is_incumbent(const MergeResult& result, const Case& given) {
  return same_bits(result.model.parameters.span(), given.incumbent.parameters.span()) &&
         same_bits(result.model.statistics.span(), given.incumbent.statistics.span());
}
bool tells(const MergeResult& result, std::string_view words) {
  return std::any_of(result.story.begin(), result.story.end(),
                     [&](const std::string& line) { return line.find(words) != std::string::npos; });
}
using Ids = std::vector<std::int64_t>;

TEST(MergeBest, TakesTheLowestIdAmongEquals) {
  Case given = four(MergeRule::best, {60});
  const MergeResult result = given.run();
  EXPECT_TRUE(is_member(result, given.members, 1));
  EXPECT_EQ(result.members, Ids{1});
  EXPECT_EQ(result.score, 90);
  EXPECT_EQ(result.incumbent_score, 60);
}

TEST(MergeBest, FallsBackToABetterIncumbent) {
  Case given = four(MergeRule::best, {91});
  const MergeResult result = given.run();
  EXPECT_TRUE(is_incumbent(result, given));
  EXPECT_TRUE(result.members.empty());
  EXPECT_EQ(result.score, 91);
  EXPECT_TRUE(tells(result, "gate: 90 is below the incumbent's"));
}

TEST(MergeBest, GoesOnWithoutGate) {
  Case given = four(MergeRule::best, {91});
  given.options.gate = false;
  const MergeResult result = given.run();
  EXPECT_TRUE(is_member(result, given.members, 1));
  EXPECT_TRUE(tells(result, "no gate"));
}

TEST(MergeAverage, WeighsBySamples) {
  Case given = four(MergeRule::average, {60, 90});
  const MergeResult result = given.run();
  const Model expected = average(kernels::exact_table("auto"), small_layout(), given.members.list(),
                                 std::vector<std::int64_t>{70, 90, 90, 80});
  EXPECT_TRUE(same_bits(result.model.parameters.span(), expected.parameters.span()));
  EXPECT_TRUE(same_bits(result.model.statistics.span(), expected.statistics.span()));
  EXPECT_EQ(result.members, (Ids{0, 1, 2, 3}));
  EXPECT_EQ(result.score, 90);
}

TEST(MergeAverage, KnowsThreeKindsOfWeights) {
  Case given = four(MergeRule::average, {60, 95});
  std::map<std::string, std::vector<float>> seen;
  for (const MergeWeights weights :
       {MergeWeights::samples, MergeWeights::uniform, MergeWeights::validation}) {
    given.options.weights = weights;
    const MergeResult result = given.run();
    const auto span = result.model.parameters.span();
    seen[std::string(name_of(weights))] = std::vector<float>(span.begin(), span.end());
  }
  EXPECT_EQ(seen["samples"], seen["validation"]);  // twice as many samples as correct answers
  EXPECT_NE(seen["samples"], seen["uniform"]);
}

TEST(MergeAverage, IsUniformWhenNobodyIsRight) {
  Case given;
  given.members.add(1, 5, 0);
  given.members.add(2, 5, 0);
  given.options.weights = MergeWeights::validation;
  given.scores = {0, 0};
  const MergeResult result = given.run();
  EXPECT_EQ(result.members, (Ids{0, 1}));
  EXPECT_TRUE(tells(result, "uniform"));
}

TEST(MergeAverage, FallsBackToTheBestMemberThenToTheIncumbent) {
  Case given = four(MergeRule::average, {60, 89});
  const MergeResult to_best = given.run();
  EXPECT_TRUE(is_member(to_best, given.members, 1));
  EXPECT_EQ(to_best.members, Ids{1});
  EXPECT_EQ(to_best.score, 90);
  EXPECT_TRUE(tells(to_best, "gate: 89 is below the best member's 90"));

  given.scores = {95, 89};
  const MergeResult to_incumbent = given.run();
  EXPECT_TRUE(is_incumbent(to_incumbent, given));
  EXPECT_EQ(to_incumbent.score, 95);

  given.scores = {95, 94};
  EXPECT_TRUE(is_incumbent(given.run(), given));

  given.options.gate = false;
  given.scores = {95, 10};
  const MergeResult free = given.run();
  EXPECT_EQ(free.members, (Ids{0, 1, 2, 3}));
  EXPECT_EQ(free.score, 10);
}

TEST(MergeSoup, LetsMembersJoinThatDoNoHarm) {
  // Tried in the order 1, 2, 3, 0.
  Case given = four(MergeRule::soup, {60, 92, 91, 92});
  const MergeResult result = given.run();
  EXPECT_EQ(result.members, (Ids{0, 1, 2}));
  EXPECT_EQ(result.score, 92);
  const std::vector<MergeMember> chosen{given.members.list()[0], given.members.list()[1],
                                        given.members.list()[2]};
  const Model expected =
      average(kernels::exact_table("auto"), small_layout(), chosen, std::vector<std::int64_t>(3, 1));
  EXPECT_TRUE(same_bits(result.model.parameters.span(), expected.parameters.span()));
  EXPECT_TRUE(tells(result, "soup with member-3: 91 correct, it stays out"));
}

TEST(MergeSoup, IsTheBestMemberWhenNobodyJoins) {
  Case given = four(MergeRule::soup, {60, 89, 89, 89});
  const MergeResult result = given.run();
  EXPECT_TRUE(is_member(result, given.members, 1));
  EXPECT_EQ(result.members, Ids{1});
}

TEST(Merge, KeepsTheIncumbentWithoutMembersOrByRule) {
  for (const MergeRule rule : {MergeRule::best, MergeRule::average, MergeRule::soup, MergeRule::none}) {
    Case given = rule == MergeRule::none ? four(rule, {60}) : Case{};
    given.options.rule = rule;
    given.scores = {60};
    const MergeResult result = given.run();
    EXPECT_TRUE(is_incumbent(result, given));
    EXPECT_TRUE(result.members.empty());
    EXPECT_EQ(result.score, 60);
    EXPECT_FALSE(result.story.empty());
  }
}

TEST(Merge, CopiesASingleMemberBitForBit) {
  for (const MergeRule rule : {MergeRule::best, MergeRule::average, MergeRule::soup}) {
    for (const StatisticsPolicy policy : {StatisticsPolicy::aggregate, StatisticsPolicy::recompute}) {
      Case given;
      given.members.add(5, 10, 33);
      given.options.rule = rule;
      given.options.statistics = policy;
      given.scores = {20, 33};
      EXPECT_TRUE(is_member(given.run(), given.members, 0));
      EXPECT_EQ(given.recomputed, 0);
    }
  }
}

TEST(Merge, OfEqualMembersIsThatMember) {
  for (const MergeRule rule : {MergeRule::best, MergeRule::average, MergeRule::soup}) {
    Case given;
    for (int i = 0; i < 4; ++i) given.members.add(6, 10 + i, 33);
    given.options.rule = rule;
    given.scores = {20, 33, 33, 33};
    EXPECT_TRUE(is_member(given.run(), given.members, 0));
  }
}

TEST(Merge, RecomputesStatisticsOfMeans) {
  Case given = four(MergeRule::average, {60, 99});
  given.options.statistics = StatisticsPolicy::recompute;
  const MergeResult result = given.run();
  EXPECT_EQ(given.recomputed, 1);
  EXPECT_EQ(result.model.statistics[0], 0.25f);
}

TEST(Merge, CountsAMeanWithoutStatisticsAsAllWrong) {
  for (const MergeRule rule : {MergeRule::average, MergeRule::soup}) {
    Case given = four(rule, {60});
    given.options.statistics = StatisticsPolicy::recompute;
    given.diverges = true;
    const MergeResult result = given.run();
    EXPECT_TRUE(is_member(result, given.members, 1));
    EXPECT_EQ(result.score, 90);
  }
}

TEST(Merge, RefusesWhatDoesNotFit) {
  Case twice = four(MergeRule::best, {60});
  std::vector<MergeMember> members = twice.members.list();
  const ScoreModel score = [](auto, auto) { return 0; };
  const auto words = [&](std::span<const MergeMember> list, MergeRule rule) -> std::string {
    try {
      MergeOptions options;
      options.rule = rule;
      merge(kernels::exact_table("auto"), small_layout(), twice.incumbent, list, options, score, {});
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  members[3].id = 1;
  EXPECT_NE(words(members, MergeRule::best).find("member 1 is given twice"), std::string::npos);
  members[3].id = 3;
  members[3].parameters = members[3].parameters.first(32);
  for (const MergeRule rule : {MergeRule::best, MergeRule::average, MergeRule::soup})
    EXPECT_NE(words(members, rule).find("different architectures"), std::string::npos);
}

TEST(MergeNames, ReadBack) {
  for (const MergeRule rule : {MergeRule::best, MergeRule::average, MergeRule::soup, MergeRule::none})
    EXPECT_EQ(merge_rule_from_name(name_of(rule)), rule);
  EXPECT_EQ(merge_weights_from_name("validation"), MergeWeights::validation);
  EXPECT_EQ(statistics_policy_from_name("recompute"), StatisticsPolicy::recompute);
  EXPECT_THROW(merge_rule_from_name("averge"), UsageError);
  EXPECT_THROW(merge_weights_from_name(""), UsageError);
  EXPECT_THROW(statistics_policy_from_name("silo"), UsageError);
}

}  // namespace
}  // namespace cohort::round
