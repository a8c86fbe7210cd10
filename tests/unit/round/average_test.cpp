#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "cohort/core/error.hpp"
#include "unit/round/members.hpp"

namespace cohort::round {
namespace {

using tests::Members;
using tests::small_layout;

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}
bool same_bits(const Model& a, const Model& b) {
  return same_bits(a.parameters.span(), b.parameters.span()) &&
         same_bits(a.statistics.span(), b.statistics.span());
}

Model mean(std::span<const MergeMember> members, std::span<const std::int64_t> weights,
           std::string_view isa = "auto") {
  return average(kernels::exact_table(isa), small_layout(), members, weights);
}

/// What average throws, or nothing.
template <typename E>
std::string refusal(std::span<const MergeMember> members, std::span<const std::int64_t> weights) {
  try {
    static_cast<void>(mean(members, weights));
  } catch (const E& error) {
    return error.what();
  }
  return {};
}

Members four_members() {
  Members members;
  for (const std::int64_t samples : {100, 80, 250, 7})
    members.add(static_cast<std::uint64_t>(samples), samples, 0);
  return members;
}
const std::vector<std::int64_t> kWeights{100, 80, 250, 7};

TEST(Average, DoesNotDependOnTheOrderOfMembersOrTheInstructionSet) {
  const Members members = four_members();
  const Model expected = mean(members.list(), kWeights);
  std::vector<MergeMember> order = members.list();
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.samples < b.samples; });
  do {
    std::vector<std::int64_t> weights;
    for (const MergeMember& member : order) weights.push_back(member.samples);
    EXPECT_TRUE(same_bits(mean(order, weights), expected));
  } while (std::next_permutation(order.begin(), order.end(),
                                 [](const auto& a, const auto& b) { return a.samples < b.samples; }));
  for (const kernels::Isa isa : kernels::available_isas())
    EXPECT_TRUE(same_bits(mean(members.list(), kWeights, kernels::name_of(isa)), expected))
        << kernels::name_of(isa);
}

TEST(Average, OfEqualMembersIsThatMember) {
  Members members;
  for (int i = 0; i < 5; ++i) members.add(9, 1, 0);
  for (const std::vector<std::int64_t>& weights :
       std::vector<std::vector<std::int64_t>>{{1, 1, 1, 1, 1}, {3, 9, 27, 1, 2}, {0, 0, 7, 0, 0}})
    EXPECT_TRUE(same_bits(mean(members.list(), weights), members.model(0)));
}

TEST(Average, OfOneMemberIsACopy) {
  Members members;
  members.add(3, 17, 0);
  EXPECT_TRUE(same_bits(mean(members.list(), std::vector<std::int64_t>{17}), members.model(0)));
}

TEST(Average, IgnoresMembersOfWeightZero) {
  Members members = four_members();
  const std::vector<std::int64_t> weights{100, 0, 250, 7};
  const Model expected = mean(members.list(), weights);
  members.model(1).parameters[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(same_bits(mean(members.list(), weights), expected));
}

TEST(Average, DividesWeightsByTheirGreatestCommonDivisor) {
  const Members members = four_members();
  std::vector<std::int64_t> large = kWeights;
  for (std::int64_t& weight : large) weight *= std::int64_t{1} << 40;
  EXPECT_TRUE(same_bits(mean(members.list(), large), mean(members.list(), kWeights)));
}

/// Both sites' values written out: their union's mean and variance are what pooling must give.
TEST(Average, PoolsVarianceOverSitesOfDifferentMeans) {
  Members members = four_members();
  const nn::Tensor& of_mean = small_layout().statistics[0];
  const nn::Tensor& of_variance = small_layout().statistics[1];
  const Model pooled = mean(members.list(), kWeights);
  for (std::int64_t channel = 0; channel < of_mean.canonical_count(); ++channel) {
    const auto m = static_cast<std::size_t>(of_mean.offset + channel);
    const auto v = static_cast<std::size_t>(of_variance.offset + channel);
    double weight = 0, first = 0, second = 0;
    for (const MergeMember& member : members.list()) {
      const auto w = static_cast<double>(member.samples);
      const double value = member.statistics[m];
      weight += w;
      first += w * value;
      second += w * (static_cast<double>(member.statistics[v]) + value * value);
    }
    const double expected_mean = first / weight;
    EXPECT_NEAR(pooled.statistics[m], expected_mean, 1e-6);
    EXPECT_NEAR(pooled.statistics[v], second / weight - expected_mean * expected_mean, 1e-5);
  }
}

TEST(Average, KeepsPaddingLanesAtZero) {
  const Members members = four_members();
  const Model model = mean(members.list(), kWeights);
  for (const nn::Tensor& tensor : small_layout().parameters) {
    const std::vector<float> canonical = nn::to_canonical(tensor, model.parameters.span());
    std::vector<float> flat(model.parameters.size());
    nn::from_canonical(tensor, canonical, flat);
    const auto begin = static_cast<std::size_t>(tensor.offset),
               count = static_cast<std::size_t>(tensor.count);
    EXPECT_TRUE(same_bits(std::span<const float>(flat).subspan(begin, count),
                          model.parameters.span().subspan(begin, count)))
        << tensor.name;
  }
}

TEST(Average, RefusesValuesThatAreNotFinite) {
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Members members = four_members();
    members.model(2).parameters[static_cast<std::size_t>(small_layout().parameters[1].offset)] = value;
    const std::string words = refusal<DataError>(members.list(), kWeights);
    EXPECT_NE(words.find("member-2"), std::string::npos) << words;
    EXPECT_NE(words.find(small_layout().parameters[1].name), std::string::npos) << words;
  }
  Members members = four_members();
  members.model(3).statistics[1] = -std::numeric_limits<float>::infinity();
  EXPECT_NE(refusal<DataError>(members.list(), kWeights).find("member-3"), std::string::npos);
}

TEST(Average, RefusesAPooledVarianceThatOverflows) {
  Members members = four_members();
  members.model(0).statistics[0] = 3e38f;
  members.model(1).statistics[0] = -3e38f;
  EXPECT_NE(refusal<DataError>(members.list(), kWeights).find("passes the largest float"), std::string::npos);
}

TEST(Average, RefusesWeightsThatMakeNoMean) {
  const Members members = four_members();
  EXPECT_NE(refusal<UsageError>({}, {}).find("no member"), std::string::npos);
  EXPECT_NE(refusal<UsageError>(members.list(), std::vector<std::int64_t>(4, 0)).find("all weights are 0"),
            std::string::npos);
  EXPECT_NE(refusal<UsageError>(members.list(), std::vector<std::int64_t>{1, -1, 1, 1}).find("member 1"),
            std::string::npos);
  const std::int64_t limit = std::int64_t{1} << 24;
  for (const std::int64_t first : {limit - 3, std::int64_t{1} << 62})
    EXPECT_NE(refusal<UsageError>(members.list(), std::vector<std::int64_t>{first, 1, 1, 1}).find("add up"),
              std::string::npos);
  EXPECT_TRUE(refusal<UsageError>(members.list(), std::vector<std::int64_t>{limit - 4, 1, 1, 1}).empty());
}

TEST(Average, RefusesAnotherArchitecture) {
  Members members = four_members();
  MergeMember foreign = members.list()[1];
  foreign.parameters = foreign.parameters.first(64);
  EXPECT_NE(refusal<UsageError>(std::vector{members.list()[0], foreign}, std::vector<std::int64_t>{1, 1})
                .find("different architectures"),
            std::string::npos);
}

}  // namespace
}  // namespace cohort::round
