// Which links are replayed, and how often that finds a cheat.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "cohort/core/error.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/audit.hpp"

namespace cohort::round {
namespace {

TEST(ChosenLinks, AreTheFirstTheLastAndDistinctOthers) {
  for (const std::int64_t links : {1, 2, 3, 4, 10, 101})
    for (const std::int64_t extra : {0, 1, 2, 5, 99, 1000})
      for (int i = 0; i < 5; ++i) {
        const Digest seed = sha256(concat("seed ", i));
        const std::vector<std::int64_t> chosen = chosen_links(seed, links, extra);
        SCOPED_TRACE(testing::Message() << links << " links, " << extra << " besides");
        EXPECT_EQ(chosen.size(), static_cast<std::size_t>(std::min(links, extra + 2)));
        EXPECT_EQ(chosen.front(), 1);
        EXPECT_EQ(chosen.back(), links);
        EXPECT_TRUE(std::ranges::is_sorted(chosen));
        EXPECT_EQ(std::set<std::int64_t>(chosen.begin(), chosen.end()).size(), chosen.size());
        EXPECT_EQ(chosen, chosen_links(seed, links, extra));
      }
  EXPECT_EQ(chosen_links({}, 7, std::numeric_limits<std::int64_t>::max()).size(), 7U);
}

TEST(ChosenLinks, DependOnBeaconAndSubmission) {
  std::set<std::vector<std::int64_t>> seen;
  for (const char* beacon : {"a", "b", "c"})
    for (const char* submission : {"x", "y", "z"})
      seen.insert(chosen_links(link_seed(sha256(beacon), sha256(submission)), 1000, 5));
  EXPECT_EQ(seen.size(), 9U);
}

TEST(DetectionChance, IsTheHypergeometricOne) {
  EXPECT_DOUBLE_EQ(detection_chance(10, 0, 3), 0);
  EXPECT_DOUBLE_EQ(detection_chance(10, 1, 3), 0.3);
  EXPECT_DOUBLE_EQ(detection_chance(10, 2, 3), 1 - 7.0 / 15);
  EXPECT_DOUBLE_EQ(detection_chance(10, 8, 3), 1);
  EXPECT_DOUBLE_EQ(detection_chance(4, 1, 4), 1);
}

struct Cheats {
  std::int64_t links, forged, extra;
};

/// A cheat forges links in the middle, as the first and last are replayed always; the beacon is not known
/// before.
TEST(DetectionChance, IsWhatTwoHundredCheatsMeet) {
  constexpr int cheats = 200;
  for (const auto [links, forged, extra] :
       {Cheats{10, 1, 2}, Cheats{10, 3, 1}, Cheats{30, 1, 5}, Cheats{30, 2, 3}, Cheats{100, 5, 10},
        Cheats{12, 2, 0}, Cheats{5, 1, 3}}) {
    int caught = 0;
    for (int cheat = 0; cheat < cheats; ++cheat) {
      RandomSequence random(11, Stream::test_inputs, static_cast<std::uint64_t>(cheat));
      std::set<std::int64_t> forgeries;
      while (static_cast<std::int64_t>(forgeries.size()) < forged)
        forgeries.insert(2 + static_cast<std::int64_t>(random.below(static_cast<std::uint32_t>(links - 2))));
      const Digest seed = link_seed(sha256(concat("beacon ", cheat)), sha256(concat("submission ", links)));
      caught += std::ranges::any_of(chosen_links(seed, links, extra),
                                    [&](std::int64_t link) { return forgeries.contains(link); });
    }
    const double chance = detection_chance(links - 2, forged, extra);
    const double error = std::sqrt(chance * (1 - chance) / cheats);
    EXPECT_NEAR(static_cast<double>(caught) / cheats, chance, 3 * error + 1e-12)
        << forged << " of " << links << " links forged, " << extra << " replayed besides first and last";
  }
}

TEST(FirstDivergence, IsFoundInFewQuestions) {
  for (std::int64_t links = 1; links <= 130; ++links)
    for (std::int64_t parts_at = 0; parts_at <= links; ++parts_at) {  // 0: the chains agree
      std::int64_t questions = 0;
      const std::int64_t found = first_divergence(links, [&](std::int64_t link) {
        ++questions;
        EXPECT_TRUE(link >= 1 && link <= links);
        return parts_at == 0 || link < parts_at;
      });
      ASSERT_EQ(found, parts_at) << links;
      const auto most = static_cast<std::int64_t>(std::ceil(std::log2(static_cast<double>(links))));
      ASSERT_LE(questions, 1 + most) << links;  // the first asks whether there is any disagreement
    }
  EXPECT_EQ(first_divergence(0, [](std::int64_t) { return false; }), 0);
}

}  // namespace
}  // namespace cohort::round
