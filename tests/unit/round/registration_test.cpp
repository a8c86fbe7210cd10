// Members in other houses: how a task takes them up, and what keeps one from training its part.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/identity/commitment.hpp"
#include "cohort/round/contribution.hpp"
#include "cohort/round/filed_round.hpp"
#include "unit/round/tiny_round.hpp"

namespace cohort::round {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Registered : public ::testing::Test {
 protected:
  Registered() {
    for (const char* name : {"site-a", "site-b", "site-c"}) {
      keys_.push_back(identity::SecretKey::generate());
      registration_.members.push_back({name, keys_.back().public_key(), ""});
    }
    registration_.secret_commitment = identity::secret_commitment(identity::random_digest());
    registration_.beacon = identity::random_digest();
    task_ = tiny_task();
    task_.pool = {};
  }

  data::Partition complete(int candidates = 3) {
    return complete_task(task_, candidates, tiny_.dataset, nullptr, registration_);
  }
  std::string refusal(int candidates = 3) {
    try {
      complete(candidates);
    } catch (const UsageError& e) {
      return e.what();
    }
    return "";
  }

  TinyRound tiny_{"registered"};
  std::vector<identity::SecretKey> keys_;
  Registration registration_;
  Task task_;
};

TEST_F(Registered, MembersKeepTheirKeysAndGetTheParts) {
  const data::Partition partition = complete();
  ASSERT_EQ(task_.members.size(), 3);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(task_.members[i].key, keys_[i].public_key());
    EXPECT_EQ(partition.parts[i].name, registration_.members[i].name);
    EXPECT_EQ(partition.parts[i].train, tiny_.partition.parts[i].train);
  }
  EXPECT_EQ(task_.secret_commitment, registration_.secret_commitment);
  EXPECT_EQ(task_.registration_beacon, registration_.beacon);
  // Whoever reads the task finds the same parts.
  EXPECT_EQ(filed_partition(task_, tiny_.dataset).partition.parts[1].train, partition.parts[1].train);
}

TEST_F(Registered, SeedsFollowFromTheKeysAndTheBeacon) {
  complete();
  const std::uint64_t seed = member_seed(task_, 1, task_.members[0]);
  EXPECT_NE(seed, member_seed(task_, 1, task_.members[1]));
  task_.registration_beacon = identity::random_digest();
  EXPECT_NE(seed, member_seed(task_, 1, task_.members[0]));
}

TEST_F(Registered, RefusesWhatMembersElsewhereCannotFollow) {
  task_.search = {{"lr", "log(1e-3, 1e-1)"}};
  task_.merge.rule = MergeRule::none;
  EXPECT_THAT(refusal(2), AllOf(HasSubstr("explore.space"), HasSubstr("merge.rule: none"),
                                HasSubstr("3 are named, the partition has 2 parts")));
}

TEST_F(Registered, RefusesTwoMembersOfOneNameOrKey) {
  registration_.members[1].name = "site-a";
  registration_.members[2].key = registration_.members[0].key;
  EXPECT_THAT(refusal(), AllOf(HasSubstr("site-a stands twice"), HasSubstr("has the key of another member")));
}

TEST_F(Registered, SaysAtOnceWhatKeepsAMemberFromItsPart) {
  complete();
  EXPECT_THAT(contribution_problems(task_, 1, "site-b", keys_[1].public_key()), IsEmpty());
  EXPECT_THAT(contribution_problems(task_, 9, "site-b", keys_[2].public_key()),
              ElementsAre(HasSubstr("round 9: the task has rounds 1 to"),
                          HasSubstr("is not the one that the task has")));
  task_.numerics_version = 99;
  task_.merge.rule = MergeRule::none;
  task_.search = {{"lr", "log(1e-3, 1e-1)"}};
  EXPECT_THAT(joined(contribution_problems(task_, 1, "site-d", keys_[1].public_key()), "; "),
              AllOf(HasSubstr("numerics_version: the task has 99"), HasSubstr("assigns parameters"),
                    HasSubstr("merges nothing"), HasSubstr("no member 'site-d'")));
}

}  // namespace
}  // namespace cohort::round
