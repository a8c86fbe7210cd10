#include "cohort/explore/proposer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "unit/explore/spaces.hpp"

namespace cohort::explore {
namespace {

using tests::number;
using tests::proposer;
using tests::space_of;
using tests::value;

const std::vector<std::int64_t> kFive{0, 1, 2, 3, 4};

bool same(const std::vector<Proposal>& a, const std::vector<Proposal>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Proposal& x, const Proposal& y) {
    return x.candidate == y.candidate && x.setting == y.setting && x.donor == y.donor && x.note == y.note;
  });
}

/// One trial per proposal, scored by candidate.
std::vector<Trial> trials_of(const std::vector<Proposal>& proposals, std::int64_t round,
                             const std::vector<std::int64_t>& scores) {
  std::vector<Trial> trials;
  for (std::size_t i = 0; i < proposals.size(); ++i)
    trials.push_back({round, proposals[i].candidate, proposals[i].setting, scores[i], scores[i] < 0});
  return trials;
}

TEST(Proposer, GivesTheSameForTheSame) {
  for (const std::string& name : proposer_names()) {
    const auto first = proposer(tests::mixed_space(), name, 3)->propose(0, kFive, {});
    EXPECT_TRUE(same(first, proposer(tests::mixed_space(), name, 3)->propose(0, kFive, {}))) << name;
    const std::vector<Trial> history = trials_of(first, 0, {5, 9, -1, 7, 7});
    const auto second = proposer(tests::mixed_space(), name, 3)->propose(1, kFive, history);
    EXPECT_TRUE(same(second, proposer(tests::mixed_space(), name, 3)->propose(1, kFive, history))) << name;
    if (name != "grid") {
      EXPECT_FALSE(same(first, proposer(tests::mixed_space(), name, 4)->propose(0, kFive, {}))) << name;
    }
  }
}

TEST(Proposer, StaysInsideTheSpace) {
  const SearchSpace space = tests::mixed_space();
  for (const std::string& name : proposer_names()) {
    const auto subject = proposer(space, name, 1);
    std::vector<Trial> history;
    for (std::int64_t round = 0; round < 8; ++round) {
      const auto proposals = subject->propose(round, kFive, history);
      ASSERT_EQ(proposals.size(), kFive.size());
      for (std::size_t i = 0; i < proposals.size(); ++i) {
        EXPECT_EQ(proposals[i].candidate, kFive[i]);
        ASSERT_EQ(proposals[i].setting.size(), space.dimensions().size());
        for (std::size_t d = 0; d < space.dimensions().size(); ++d) {
          EXPECT_EQ(proposals[i].setting[d].first, space.dimensions()[d].key);
          EXPECT_NO_THROW(static_cast<void>(space.dimensions()[d].place_of(proposals[i].setting[d].second)))
              << name;
        }
      }
      const auto added = trials_of(proposals, round, {round, 3, 2 * round - 5, 1, 9 - round});
      history.insert(history.end(), added.begin(), added.end());
    }
  }
}

TEST(Proposer, RefusesUnknownNamesAndOptions) {
  ExploreOptions options;
  options.proposer = "radnom";
  try {
    make_proposer(tests::mixed_space(), options);
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'random'"), std::string::npos);
  }
  options = {.proposer = "grid", .grid_points = 0, .quantile = 0.6, .resample = 1.5};
  try {
    make_proposer(tests::mixed_space(), options);
    FAIL();
  } catch (const UsageError& error) {
    for (const char* part : {"grid_points", "quantile", "resample"})
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos);
  }
  options = {.proposer = "grid", .grid_points = 1000};
  const SearchSpace wide = space_of({{"lr", "log(1e-3, 1)"},
                                     {"momentum", "linear(0, 0.9)"},
                                     {"smoothing", "linear(0, 0.5)"},
                                     {"augment-colour", "linear(0, 0.5)"}});
  EXPECT_THROW(make_proposer(wide, options), UsageError);
}

TEST(Random, DoesNotDependOnWhoElseIsThere) {
  const auto subject = proposer(tests::mixed_space(), "random", 5);
  const auto all = subject->propose(2, kFive, {});
  const std::vector<std::int64_t> some{3};
  EXPECT_EQ(subject->propose(2, some, {})[0].setting, all[3].setting);
  EXPECT_NE(subject->propose(3, some, {})[0].setting, all[3].setting);
  std::set<Setting> distinct;
  for (const Proposal& proposal : all) distinct.insert(proposal.setting);
  EXPECT_EQ(distinct.size(), all.size());
}

TEST(Random, FillsTheRange) {
  const SearchSpace space = space_of({{"lr", "log(1e-3, 1)"}});
  const auto subject = proposer(space, "random", 1);
  int counts[3] = {};
  std::vector<std::int64_t> candidates(600);
  for (std::size_t i = 0; i < candidates.size(); ++i) candidates[i] = static_cast<std::int64_t>(i);
  for (const Proposal& proposal : subject->propose(0, candidates, {})) {
    const double rate = number(proposal, "schedule.learning_rate");
    ++counts[rate < 0.01 ? 0 : rate < 0.1 ? 1 : 2];
  }
  for (const int count : counts) EXPECT_NEAR(count, 200, 50);
}

TEST(Grid, VisitsEveryPointOnceThenStartsAgain) {
  const SearchSpace space = space_of(
      {{"lr", "log(1e-3, 1e-1)"}, {"augment-shift", "integer(0, 1)"}, {"optimizer", "choice(sgd, adamw)"}});
  const auto subject = proposer(space, "grid");
  std::vector<Trial> history;
  std::set<Setting> seen;
  for (std::int64_t round = 0; round < 4; ++round) {
    const std::vector<std::int64_t> three{0, 1, 2};
    for (const Proposal& proposal : subject->propose(round, three, history)) {
      EXPECT_TRUE(seen.insert(proposal.setting).second);
      EXPECT_TRUE(proposal.note.empty());
      history.push_back({round, proposal.candidate, proposal.setting, 0, false});
    }
  }
  EXPECT_EQ(seen.size(), 12U);
  std::set<std::string> rates;
  for (const Trial& trial : history) rates.insert(value(trial.setting, "schedule.learning_rate"));
  EXPECT_EQ(rates, (std::set<std::string>{"0.001", "0.01", "0.1"}));
  const auto again = subject->propose(4, std::vector<std::int64_t>{0}, history);
  EXPECT_EQ(again[0].setting, history[0].setting);
  EXPECT_NE(again[0].note.find("all 12 points"), std::string::npos);
}

TEST(Population, ReplacesTheWorstByTheBest) {
  const SearchSpace space = space_of({{"lr", "log(1e-4, 10)"}, {"augment-shift", "integer(0, 9)"}});
  ExploreOptions options{.proposer = "population", .seed = 2, .quantile = 0.4, .resample = 0};
  const auto subject = make_proposer(space, options);
  const auto first = subject->propose(0, kFive, {});
  for (const Proposal& proposal : first) EXPECT_EQ(proposal.donor, -1);
  // Best first: 3, 0, 4, 1, 2. Equal scores: the lower id is better.
  const std::vector<Trial> history = trials_of(first, 0, {8, 5, 4, 9, 8});
  const auto second = subject->propose(1, kFive, history);
  const std::vector<std::int64_t> donors{0, 0, 3, 3, 4};
  for (std::size_t i = 0; i < second.size(); ++i) EXPECT_EQ(second[i].donor, donors[i]) << i;
  for (const std::size_t kept : {0U, 3U, 4U}) EXPECT_EQ(second[kept].setting, first[kept].setting);
  for (const auto& [taker, donor] : {std::pair<std::size_t, std::size_t>{2, 3}, {1, 0}}) {
    const double ratio =
        number(second[taker], "schedule.learning_rate") / number(first[donor], "schedule.learning_rate");
    EXPECT_TRUE(std::abs(ratio - 1.2) < 1e-4 || std::abs(ratio - 0.8) < 1e-4) << ratio;
    const double moved = number(second[taker], "augment.shift") - number(first[donor], "augment.shift");
    EXPECT_EQ(std::abs(moved), 1);
    EXPECT_NE(second[taker].note.find(concat("takes over from ", donor)), std::string::npos);
  }
}

TEST(Population, ReplacesAllThatFailed) {
  const SearchSpace space = tests::mixed_space();
  const auto subject = proposer(space, "population", 1);
  const auto first = subject->propose(0, kFive, {});
  const auto second = subject->propose(1, kFive, trials_of(first, 0, {-1, -1, 4, -1, 3}));
  EXPECT_EQ(second[0].donor, 2);
  EXPECT_EQ(second[1].donor, 2);
  EXPECT_EQ(second[3].donor, 2);
  EXPECT_EQ(second[4].donor, 4);
  for (const Proposal& proposal : subject->propose(1, kFive, trials_of(first, 0, {-1, -1, -1, -1, -1})))
    EXPECT_EQ(proposal.donor, -1);
}

TEST(Population, ResamplesAsOftenAsTold) {
  const SearchSpace space = space_of({{"lr", "log(1e-4, 10)"}});
  ExploreOptions options{.proposer = "population", .quantile = 0.5};
  int fresh = 0;
  constexpr int kSeeds = 800;
  for (int seed = 0; seed < kSeeds; ++seed) {
    options.seed = static_cast<std::uint64_t>(seed);
    const Setting donor{{"schedule.learning_rate", "0.1"}}, other{{"schedule.learning_rate", "0.2"}};
    const std::vector<Trial> history{{0, 0, donor, 9, false}, {0, 1, other, 1, false}};
    const std::vector<std::int64_t> both{0, 1};
    const auto proposals = make_proposer(space, options)->propose(1, both, history);
    const double rate = number(proposals[1], "schedule.learning_rate");
    fresh += rate != 0.12 && rate != 0.08;
  }
  EXPECT_NEAR(fresh, kSeeds / 4, 40);
}

TEST(Population, StaysAtTheEndsOfTheRange) {
  const SearchSpace space = space_of({{"lr", "linear(0.1, 0.2)"}, {"augment-shift", "integer(0, 1)"}});
  ExploreOptions options{.proposer = "population", .quantile = 0.5, .resample = 0};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    options.seed = seed;
    const Setting donor{{"augment.shift", "1"}, {"schedule.learning_rate", "0.2"}};
    const std::vector<Trial> history{{0, 0, donor, 9, false}, {0, 1, donor, 1, false}};
    const auto proposals =
        make_proposer(space, options)->propose(1, std::vector<std::int64_t>{0, 1}, history);
    EXPECT_EQ(value(proposals[1].setting, "augment.shift"), "0");
    const double rate = number(proposals[1], "schedule.learning_rate");
    EXPECT_TRUE(rate == 0.2 || rate == 0.16) << rate;
  }
}

}  // namespace
}  // namespace cohort::explore
