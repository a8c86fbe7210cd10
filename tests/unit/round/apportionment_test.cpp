#include "cohort/round/apportionment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "cohort/core/error.hpp"
#include "cohort/core/philox.hpp"

namespace cohort::round {
namespace {

Digest numbered(std::uint64_t number) {
  return Sha256().update_u64(number).finish();
}

/// Ties that grow with the index, so that the first wins them.
std::vector<Claimant> weighted(const std::vector<std::uint64_t>& weights) {
  std::vector<Claimant> claimants;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    Digest tie{};
    tie[0] = static_cast<std::uint8_t>(i);
    claimants.push_back({weights[i], tie});
  }
  return claimants;
}

std::vector<std::string> shares(const Amount& pool, const std::vector<std::uint64_t>& weights) {
  std::vector<std::string> texts;
  for (const Amount& share : apportion(pool, weighted(weights))) texts.push_back(share.to_decimal());
  return texts;
}

Amount sum(const std::vector<Amount>& amounts) {
  return std::accumulate(amounts.begin(), amounts.end(), Amount());
}

using Texts = std::vector<std::string>;

TEST(Apportion, GivesTheReferenceValues) {
  EXPECT_EQ(shares(100, {1, 1, 1}), (Texts{"34", "33", "33"}));
  EXPECT_EQ(shares(1'000'000'000'000'000'000, {741, 606, 493}),
            (Texts{"402717391304347826", "329347826086956522", "267934782608695652"}));
  EXPECT_EQ(shares(10, {6, 6, 2}), (Texts{"4", "4", "2"}));
  EXPECT_EQ(shares(11, {6, 6, 2}), (Texts{"5", "5", "1"}));  // Alabama
}

TEST(Apportion, GivesTheOddUnitToTheSmallerTie) {
  std::vector<Claimant> claimants = weighted({1, 1, 1});
  std::swap(claimants[0].tie, claimants[2].tie);
  EXPECT_EQ(apportion(100, claimants)[2], Amount(34));
}

TEST(Apportion, GivesNothingForNothing) {
  EXPECT_EQ(shares(7, {0, 5, 0}), (Texts{"0", "7", "0"}));
  EXPECT_EQ(shares(0, {1, 2}), (Texts{"0", "0"}));
  EXPECT_THROW(static_cast<void>(apportion(7, weighted({0, 0}))), Error);
  EXPECT_THROW(static_cast<void>(apportion(7, {})), Error);
}

TEST(Apportion, SpendsAnyPoolToTheLastUnit) {
  RandomSequence random(11, Stream::test_inputs, 0);
  for (int round = 0; round < 100; ++round) {
    std::vector<Claimant> claimants(1 + random.below(40));
    for (std::size_t i = 0; i < claimants.size(); ++i)
      claimants[i] = {random.below(4) == 0 ? 0 : random.next_u64() >> random.below(64), numbered(i)};
    claimants[0].weight = 1;
    for (const Amount& pool :
         {Amount(1), Amount(random.next_u64()), Amount::largest(), Amount::largest() - Amount(1)})
      EXPECT_EQ(sum(apportion(pool, claimants)), pool);
  }
}

TEST(Apportion, HoldsForWeightsNearTheLimit) {
  const Amount half = multiply_divide(Amount::largest(), 1, 2).quotient;
  std::vector<Claimant> claimants{{half, numbered(0)}, {half, numbered(1)}, {1, numbered(2)}};
  const auto paid = apportion(Amount::largest(), claimants);
  EXPECT_EQ(sum(paid), Amount::largest());
  EXPECT_EQ(paid[0], half);
  EXPECT_EQ(paid[2], Amount(1));
  claimants[2].weight = 2;
  EXPECT_THROW(static_cast<void>(apportion(1, claimants)), Error);
}

TEST(Apportion, DoesNotDependOnTheOrder) {
  RandomSequence random(12, Stream::test_inputs, 0);
  std::vector<Claimant> claimants;
  for (std::uint64_t i = 0; i < 50; ++i) claimants.push_back({random.below(7), numbered(i)});
  const auto paid = apportion(1003, claimants);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::size_t> order(claimants.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    std::vector<Claimant> shuffled;
    for (const std::size_t i : order) shuffled.push_back(claimants[i]);
    const auto again = apportion(1003, shuffled);
    for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(again[i], paid[order[i]]);
  }
}

TEST(Apportion, StaysWithinOneUnitOfTheExactShareAndNeverTurnsWeightsAround) {
  RandomSequence random(13, Stream::test_inputs, 0);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::uint64_t> weights;
    for (int i = 0; i < 12; ++i) weights.push_back(random.below(1000));
    weights[0] = 1;
    const std::uint64_t total = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
    const std::uint64_t pool = random.below(100'000);
    const auto paid = apportion(pool, weighted(weights));
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const Amount exact = pool * weights[i] / total;
      EXPECT_TRUE(paid[i] == exact || paid[i] == exact + Amount(1));
      for (std::size_t j = 0; j < weights.size(); ++j) {
        if (weights[i] > weights[j]) {
          EXPECT_GE(paid[i], paid[j]);
        }
      }
    }
  }
}

TEST(TieBreak, BindsRoundAndKey) {
  identity::PublicKey key{};
  EXPECT_EQ(tie_break(Digest{}, key), sha256(std::string(64, '\0')));
  key[0] = 1;
  EXPECT_NE(tie_break(Digest{}, key), sha256(std::string(64, '\0')));
}

}  // namespace
}  // namespace cohort::round
