#include "round/grouping.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace cohort::round {
namespace {

/// Every combination that a small cluster can have.
template <typename Check>
void for_all(Check check) {
  for (int ranks = 1; ranks <= 24; ++ranks)
    for (int candidates = 1; candidates <= 24; ++candidates) {
      SCOPED_TRACE(testing::Message() << ranks << " ranks, " << candidates << " candidates");
      check(Grouping(ranks, candidates), ranks, candidates);
    }
}

TEST(Grouping, HasNeighbouringRanksAndTheFirstAsRoot) {
  for_all([](const Grouping& grouping, int ranks, int candidates) {
    EXPECT_EQ(grouping.groups(), std::min(ranks, candidates));
    std::vector<int> sizes(static_cast<std::size_t>(grouping.groups()));
    for (int rank = 0; rank < ranks; ++rank) {
      const int group = grouping.group_of_rank(rank);
      ASSERT_TRUE(group >= 0 && group < grouping.groups());
      if (sizes[static_cast<std::size_t>(group)]++ == 0) {
        EXPECT_EQ(grouping.root_of(group), rank);
      }
      if (rank > 0) {
        EXPECT_GE(group, grouping.group_of_rank(rank - 1));
      }
    }
    const auto [least, most] = std::ranges::minmax(sizes);
    EXPECT_GE(least, 1);
    EXPECT_LE(most - least, 1);
  });
}

TEST(Grouping, TrainsEachCandidateOnceAndAuditsItElsewhere) {
  for_all([](const Grouping& grouping, int, int candidates) {
    std::vector<int> trained(static_cast<std::size_t>(grouping.groups())), audited(trained);
    for (int position = 0; position < candidates; ++position) {
      const int trainer = grouping.trainer_of(position), auditor = grouping.auditor_of(position);
      ASSERT_TRUE(trainer >= 0 && trainer < grouping.groups());
      ASSERT_TRUE(auditor >= 0 && auditor < grouping.groups());
      if (grouping.groups() > 1) {
        EXPECT_NE(trainer, auditor);
      }
      ++trained[static_cast<std::size_t>(trainer)];
      ++audited[static_cast<std::size_t>(auditor)];
    }
    for (const auto& shares : {trained, audited}) {
      const auto [least, most] = std::ranges::minmax(shares);
      EXPECT_GE(least, 1);
      EXPECT_LE(most - least, 1);
    }
  });
}

}  // namespace
}  // namespace cohort::round
