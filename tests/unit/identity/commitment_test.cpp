#include "cohort/identity/commitment.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace cohort::identity {
namespace {

Digest filled(std::uint8_t byte) {
  Digest digest;
  digest.fill(byte);
  return digest;
}

Commitment example() {
  return {filled(0x11), filled(0x22), filled(0x33), 450, 500, filled(0x44), filled(0x55)};
}

TEST(Commitment, IsTheReferenceVector) {
  EXPECT_EQ(to_hex(commit(example(), "mt/commit/v1")),
            "02084931816fe28e049ce4e696e191b740bc7bd5301fce63e1e81df0b72ea981");
}

TEST(Commitment, CoversEveryField) {
  std::set<std::string> digests{to_hex(commit(example()))};
  std::vector<Commitment> others(7, example());
  others[0].round = filled(1);
  others[1].key = filled(1);
  others[2].state_root = filled(1);
  others[3].correct = 451;
  others[4].samples = 501;
  others[5].evaluation_root = filled(1);
  others[6].salt = filled(1);
  for (const Commitment& other : others) digests.insert(to_hex(commit(other)));
  EXPECT_EQ(digests.size(), 8U);
}

TEST(Beacon, DoesNotDependOnTheOrderOfArrival) {
  const std::vector<Digest> one{filled(3), filled(1), filled(2)}, other{filled(2), filled(3), filled(1)};
  EXPECT_EQ(beacon(filled(9), filled(8), one), beacon(filled(9), filled(8), other));
}

TEST(Beacon, ChangesWithSecretRoundAndEveryCommitment) {
  const std::vector<Digest> all{filled(1), filled(2)}, fewer{filled(1)}, twice{filled(1), filled(1)};
  const std::set<Digest> beacons{beacon(filled(9), filled(8), all), beacon(filled(7), filled(8), all),
                                 beacon(filled(9), filled(7), all), beacon(filled(9), filled(8), fewer),
                                 beacon(filled(9), filled(8), twice)};
  EXPECT_EQ(beacons.size(), 5U);
}

TEST(IdentitySeed, DiffersByRoundKeyAndRegistration) {
  const Digest round = round_digest(filled(1), 3);
  const std::set<Digest> seeds{identity_seed(round, filled(2), filled(3)),
                               identity_seed(round_digest(filled(1), 4), filled(2), filled(3)),
                               identity_seed(round, filled(4), filled(3)),
                               identity_seed(round, filled(2), filled(5))};
  EXPECT_EQ(seeds.size(), 4U);
}

TEST(DrawBelow, StaysBelowAndIsAFunctionOfSeedAndIndex) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t index = 0; index < 200; ++index) {
    const std::uint64_t drawn = draw_below(filled(7), index, 10);
    ASSERT_LT(drawn, 10U);
    ASSERT_EQ(drawn, draw_below(filled(7), index, 10));
    seen.insert(drawn);
  }
  EXPECT_EQ(seen.size(), 10U);
  EXPECT_THROW(draw_below(filled(7), 0, 0), std::exception);
}

}  // namespace
}  // namespace cohort::identity
