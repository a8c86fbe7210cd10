#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "cohort/core/text.hpp"
#include "unit/kernels/arrays.hpp"

namespace cohort::kernels {
namespace {

using namespace testing;
__extension__ using Wide = __int128;  // for what passes 64 bits in the definition below

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// A float as integer * 2^exponent, the exponent that of its last bit.
struct Parts {
  Wide integer;
  int exponent;  ///< of the last bit: E - 23, and that of 1 for subnormal values
};
Parts parts_of(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const int biased = static_cast<int>(bits >> 23 & 0xff);
  const auto fraction = static_cast<std::int64_t>(bits & 0x7fffff);
  const std::int64_t magnitude = biased == 0 ? fraction : fraction + 0x800000;
  return {bits >> 31 ? -magnitude : magnitude, std::max(biased, 1) - 150};
}

/// value / 2^shift, ties to even; shift may be negative.
Wide shifted(Wide value, int shift) {
  if (shift <= 0) return value * (Wide{1} << -shift);
  if (shift > 100) return 0;
  const Wide unit = Wide{1} << shift, magnitude = value < 0 ? -value : value;
  Wide quotient = magnitude / unit;
  const Wide twice = 2 * (magnitude % unit);
  if (twice > unit || (twice == unit && quotient % 2 == 1)) ++quotient;
  return value < 0 ? -quotient : quotient;
}

/// a / b as the nearest double, ties to even. Requires |a| < 2^52.
double divided(Wide a, std::int64_t b) {
  const Wide magnitude = (a < 0 ? -a : a) << 60;
  Wide quotient = magnitude / b;
  if (magnitude % b != 0) quotient |= 1;  // below the rounding position: 60 bits are more than double keeps
  int bits = 0;
  while (quotient >> bits) ++bits;
  const int drop = std::max(0, bits - 53);
  const auto rounded = static_cast<double>(shifted(quotient, drop));
  return std::ldexp(a < 0 ? -rounded : rounded, drop - 60);
}

/// The definition of docs/numerics.md in integers.
float defined_mean(const std::vector<float>& values, const std::vector<std::int64_t>& weights) {
  const std::int64_t total = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
  int total_bits = 0, largest = -149;
  while (std::int64_t{1} << total_bits < total) ++total_bits;
  bool all_zero = true, all_negative = true;
  for (const float value : values) {
    largest = std::max(largest, parts_of(value).exponent);
    all_zero = all_zero && value == 0;
    all_negative = all_negative && std::signbit(value);
  }
  if (all_zero) return all_negative ? -0.0f : 0.0f;
  const int k = 50 - total_bits - (largest + 23);
  Wide sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Parts parts = parts_of(values[i]);
    sum += weights[i] * shifted(parts.integer, -(parts.exponent + k));
  }
  return static_cast<float>(std::ldexp(divided(sum, total), -k));
}

/// Members of n elements each, and how they count.
struct Problem {
  std::vector<std::vector<float>> values;
  std::vector<std::int64_t> weights;

  [[nodiscard]] std::size_t size() const { return values.front().size(); }
  std::int64_t mean(const Table<float>& table, std::span<float> out) const {
    std::vector<const float*> pointers;
    for (const auto& member : values) pointers.push_back(member.data());
    const std::vector<double> factors(weights.begin(), weights.end());
    return table.weighted_mean(static_cast<std::int64_t>(size()), static_cast<int>(values.size()),
                               pointers.data(), factors.data(),
                               std::accumulate(factors.begin(), factors.end(), 0.0), out.data());
  }
  [[nodiscard]] std::vector<float> defined() const {
    std::vector<float> means;
    for (std::size_t i = 0; i < size(); ++i) {
      std::vector<float> element;
      for (const auto& member : values) element.push_back(member[i]);
      means.push_back(defined_mean(element, weights));
    }
    return means;
  }
};

float finite_bits(RandomSequence& random) {
  while (true) {
    const auto value = std::bit_cast<float>(random.next_u32());
    if (std::isfinite(value)) return value;
  }
}

/// Values of many kinds: any finite bits, neighbours in size, subnormals and zeros, the largest.
float any_value(RandomSequence& random, std::uint64_t kind) {
  const double sign = random.below(2) ? 1 : -1;
  switch (kind) {
    case 0:
      return finite_bits(random);
    case 1:
      return static_cast<float>(random.uniform(-1, 1));
    case 2:
      return std::bit_cast<float>(random.next_u32() & 0x80ffffffU);  // subnormal, or just above
    case 3:
      return std::bit_cast<float>(0x7f7fffffU - (random.next_u32() & 0xfU)) * static_cast<float>(sign);
    case 4:
      return random.below(2) ? 0.0f : -0.0f;
    default:
      return static_cast<float>(sign * std::ldexp(1.0, -static_cast<int>(random.below(40))));
  }
}

Problem random_problem(std::uint64_t draw) {
  RandomSequence random(3, Stream::test_inputs, draw);
  Problem problem;
  const std::size_t members = 1 + random.below(9), n = random.below(70);
  const std::uint64_t kind = random.below(7), limit = random.below(2) ? 8 : (1U << 24) / members;
  problem.values.resize(members, std::vector<float>(n));
  for (std::size_t m = 0; m < members; ++m) {
    problem.weights.push_back(static_cast<std::int64_t>(1 + random.below(limit - 1)));
    for (float& value : problem.values[m]) value = any_value(random, kind == 6 ? random.below(6) : kind);
  }
  return problem;
}

TEST(WeightedMean, EqualsItsDefinitionInIntegers) {
  for (std::uint64_t draw = 0; draw < 3000; ++draw) {
    const Problem problem = random_problem(draw);
    const std::vector<float> expected = problem.defined();
    for (const Table<float>* table : exact_tables()) {
      std::vector<float> out(problem.size(), std::numeric_limits<float>::quiet_NaN());
      EXPECT_EQ(problem.mean(*table, out), 0);
      ASSERT_TRUE(same_bits(std::span<const float>(expected), std::span<const float>(out)))
          << table->name << " draw " << draw;
    }
  }
}

TEST(WeightedMean, DoesNotDependOnTheOrderOfMembers) {
  for (std::uint64_t draw = 3000; draw < 3200; ++draw) {
    Problem problem = random_problem(draw);
    RandomSequence random(3, Stream::test_inputs, draw + 100'000);
    std::vector<float> first(problem.size()), other(problem.size());
    problem.mean(exact_table("auto"), first);
    for (std::size_t i = problem.values.size(); i > 1; --i) {
      const std::size_t j = random.below(i);
      std::swap(problem.values[i - 1], problem.values[j]);
      std::swap(problem.weights[i - 1], problem.weights[j]);
    }
    problem.mean(exact_table("auto"), other);
    ASSERT_TRUE(same_bits(std::span<const float>(first), std::span<const float>(other)));
  }
}

TEST(WeightedMean, OfEqualMembersIsThatMember) {
  RandomSequence random(4, Stream::test_inputs, 1);
  std::vector<float> member(4099);
  for (float& value : member) value = any_value(random, random.below(6));
  for (const std::vector<std::int64_t>& weights : std::vector<std::vector<std::int64_t>>{
           {1}, {7}, {1, 1}, {1, 1, 1}, {3, 5, 11, 2}, {1, (1 << 24) - 2}}) {
    const Problem problem{std::vector(weights.size(), member), weights};
    for (const Table<float>* table : exact_tables()) {
      std::vector<float> out(member.size());
      EXPECT_EQ(problem.mean(*table, out), 0);
      EXPECT_TRUE(same_bits(std::span<const float>(member), std::span<const float>(out))) << table->name;
    }
  }
}

TEST(WeightedMean, IsNearTheMeanInDouble) {
  Problem problem;
  RandomSequence random(5, Stream::test_inputs, 2);
  problem.weights = {100, 250, 37};
  for (int m = 0; m < 3; ++m) {
    problem.values.emplace_back(1000);
    for (float& value : problem.values.back()) value = static_cast<float>(random.normal());
  }
  std::vector<float> out(1000);
  problem.mean(exact_table("auto"), out);
  std::vector<double> reference(1000);
  std::vector<std::vector<double>> wide;
  std::vector<const double*> pointers;
  for (const auto& member : problem.values) wide.emplace_back(member.begin(), member.end());
  for (const auto& member : wide) pointers.push_back(member.data());
  const double weights[] = {100, 250, 37};
  EXPECT_EQ(reference_table().weighted_mean(1000, 3, pointers.data(), weights, 387, reference.data()), 0);
  for (std::size_t i = 0; i < out.size(); ++i) {
    double largest = 0;
    for (const auto& member : problem.values)
      largest = std::max(largest, std::fabs(static_cast<double>(member[i])));
    EXPECT_NEAR(out[i], reference[i], 0x1p-40 * largest + 0x1p-24 * std::fabs(reference[i]));
  }
}

TEST(WeightedMean, CountsElementsThatAreNotFinite) {
  Problem problem{{std::vector<float>(37, 1), std::vector<float>(37, 3)}, {1, 1}};
  problem.values[0][3] = kInfinity;
  problem.values[1][3] = -kInfinity;
  problem.values[0][35] = std::numeric_limits<float>::quiet_NaN();
  problem.values[1][36] = -kInfinity;
  for (const Table<float>* table : exact_tables()) {
    std::vector<float> out(37, -1);
    EXPECT_EQ(problem.mean(*table, out), 3) << table->name;
    for (std::size_t i = 0; i < out.size(); ++i)
      EXPECT_EQ(out[i], i == 3 || i == 35 || i == 36 ? 0 : 2) << table->name << " " << i;
  }
}

TEST(WeightedMean, MayOverwriteAMember) {
  for (const Table<float>* table : exact_tables()) {
    Problem problem{{std::vector<float>(21, 1), std::vector<float>(21, 4)}, {2, 1}};
    EXPECT_EQ(problem.mean(*table, problem.values[1]), 0);
    EXPECT_EQ(problem.values[1], std::vector<float>(21, 2)) << table->name;
  }
}

TEST(WeightedMean, HoldsTheLargestValues) {
  const float most = std::numeric_limits<float>::max();
  for (const Table<float>* table : exact_tables()) {
    const Problem problem{{{most, most, -most, 0x1p-149f}, {most, -most, -most, 0}}, {8388607, 8388608}};
    std::vector<float> out(4);
    EXPECT_EQ(problem.mean(*table, out), 0);
    EXPECT_EQ(out[0], most);
    EXPECT_LT(out[1], 0);
    EXPECT_EQ(out[2], -most);
    EXPECT_EQ(out[3], 0);  // 0.49999997 of the smallest subnormal
  }
}

}  // namespace
}  // namespace cohort::kernels
