#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cohort/core/fixed_point.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "unit/kernels/arrays.hpp"

namespace cohort::kernels {
namespace {

using namespace testing;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kSubnormal = std::numeric_limits<float>::denorm_min();

/// Lengths around every vector width, so that whole vectors and last elements both occur.
const int kLengths[] = {0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 100};

/// Runs `kernel(n, output)` for all lengths and tables; expects output[i] == expected(i), and nothing written
/// beyond.
template <typename Kernel, typename Expected>
void expect_elements(Kernel kernel, Expected expected) {
  for (const Table<float>* table : exact_tables()) {
    for (const int n : kLengths) {
      auto output = unwritten<float>(n + 16);
      kernel(*table, n, output.data());
      for (int i = 0; i < n + 16; ++i) {
        const float value = i < n ? expected(i) : kNan;
        const auto at = static_cast<std::size_t>(i);
        EXPECT_TRUE(same_bits(std::span<const float>(&value, 1), std::span<const float>(&output[at], 1)))
            << table->name << " n " << n << " i " << i;
      }
    }
  }
}

TEST(Relu, KeepsNanAndMakesZerosPositive) {
  AlignedBuffer<float> src = uniform<float>(128, 1);
  const float special[] = {kNan, -0.0f, 0.0f, -kInfinity, kInfinity, kSubnormal, -kSubnormal};
  for (std::size_t i = 0; i < std::size(special); ++i) src[i * 5] = special[i];
  const auto expected = [&](int i) {
    const float x = src[static_cast<std::size_t>(i)];
    return x > 0 || std::isnan(x) ? x : 0.0f;
  };
  expect_elements(
      [&](const Table<float>& table, int n, float* out) { table.relu_forward(n, src.data(), out); },
      expected);
  expect_elements(
      [&](const Table<float>& table, int n, float* out) {
        std::copy_n(src.data(), n, out);
        table.relu_forward(n, out, out);
      },
      expected);
}

TEST(Relu, PassesGradientsWhereTheOutputIsPositive) {
  const AlignedBuffer<float> d_dst = uniform<float>(128, 2);
  AlignedBuffer<float> dst = uniform<float>(128, 3);
  const float special[] = {kNan, -0.0f, 0.0f, kInfinity, kSubnormal};
  for (std::size_t i = 0; i < std::size(special); ++i) dst[i * 7] = special[i];
  expect_elements([&](const Table<float>& table, int n,
                      float* out) { table.relu_backward(n, dst.data(), d_dst.data(), out); },
                  [&](int i) {
                    return dst[static_cast<std::size_t>(i)] > 0 ? d_dst[static_cast<std::size_t>(i)] : 0.0f;
                  });
}

TEST(Add, AddsElements) {
  const AlignedBuffer<float> a = uniform<float>(128, 4), b = uniform<float>(128, 5);
  const auto expected = [&](int i) {
    return a[static_cast<std::size_t>(i)] + b[static_cast<std::size_t>(i)];
  };
  expect_elements(
      [&](const Table<float>& table, int n, float* out) { table.add(n, a.data(), b.data(), out); }, expected);
  expect_elements(
      [&](const Table<float>& table, int n, float* out) {
        std::copy_n(a.data(), n, out);
        table.add(n, out, b.data(), out);
      },
      expected);
}

TEST(Bias, IsAddedToEachRowAndSummedOverRows) {
  constexpr int kRows = 37, kChannels = 48;
  const AlignedBuffer<float> bias = uniform<float>(kChannels, 6), rows = uniform<float>(kRows * kChannels, 7);
  for (const Table<float>* table : exact_tables()) {
    for (const int parts : partitions()) {
      SCOPED_TRACE(concat(table->name, " parts ", parts));
      AlignedBuffer<float> dst = copy_of(rows), d_bias = unwritten<float>(kChannels);
      run_parts(parts, [&](Part part) {
        table->bias_forward(kRows, kChannels, bias.data(), dst.data(), part);
        table->bias_backward(kRows, kChannels, rows.data(), d_bias.data(), part);
      });
      for (std::size_t k = 0; k < kChannels; ++k) {
        float sum = 0;
        for (std::size_t n = 0; n < kRows; ++n) {
          sum += rows[n * kChannels + k];
          EXPECT_EQ(dst[n * kChannels + k], rows[n * kChannels + k] + bias[k]);
        }
        EXPECT_EQ(d_bias[k], sum);
      }
    }
  }
}

TEST(FixedPoint, RoundsTiesToEven) {
  const struct {
    float value;  // in units of 2^-40
    std::int64_t expected;
  } cases[] = {{0.5f, 0},   {1.5f, 2},  {2.5f, 2},    {-0.5f, 0},    {-1.5f, -2},
               {-2.5f, -2}, {0.75f, 1}, {-0.75f, -1}, {0.25f, 0},    {0x1.000002p-1f, 1},
               {3, 3},      {-0.0f, 0}, {1e-30f, 0},  {12345, 12345}};
  for (const Table<float>* table : exact_tables()) {
    for (const auto& one : cases) {
      for (const int copies : {1, 5, 16}) {
        AlignedBuffer<float> values(16);
        AlignedBuffer<std::int64_t> sums(16);
        for (int i = 0; i < copies; ++i) values[static_cast<std::size_t>(i)] = one.value * 0x1p-40f;
        for (std::int64_t& sum : sums.span()) sum = 1000;
        EXPECT_EQ(table->accumulate_fixed_point(copies, 40, values.data(), sums.data()), 0);
        for (int i = 0; i < 16; ++i) {
          EXPECT_EQ(sums[static_cast<std::size_t>(i)], 1000 + (i < copies ? one.expected : 0))
              << table->name << " value " << one.value;
        }
      }
    }
  }
}

TEST(FixedPoint, CountsWhatItCannotHold) {
  const float limit = 0x1p11f, below = std::nextafter(limit, 0.0f);  // times 2^40 is kFixedPointLimit
  const float refused[] = {limit, -limit, kInfinity, -kInfinity, kNan, 3e38f};
  for (const Table<float>* table : exact_tables()) {
    AlignedBuffer<float> values = uniform<float>(37, 8);
    AlignedBuffer<std::int64_t> sums(37);
    for (std::size_t i = 0; i < std::size(refused); ++i) values[i * 6 + 1] = refused[i];
    values[3] = below;
    values[4] = -below;
    values[5] = kSubnormal;
    EXPECT_EQ(table->accumulate_fixed_point(37, kGradientScaleBits, values.data(), sums.data()),
              std::ssize(refused));
    for (std::size_t i = 0; i < std::size(refused); ++i) EXPECT_EQ(sums[i * 6 + 1], 0);
    EXPECT_EQ(sums[3], static_cast<std::int64_t>(static_cast<double>(below) * 0x1p40));
    EXPECT_EQ(sums[4], -sums[3]);
    EXPECT_EQ(sums[5], 0);
  }
}

TEST(FixedPoint, AgreesWithCoreInEveryDirection) {
  for (const int scale_bits : {kGradientScaleBits, kStatisticScaleBits, 0}) {
    for (const int n : kLengths) {
      const AlignedBuffer<float> values = uniform<float>(n, 9, -1000, 1000);
      AlignedBuffer<std::int64_t> expected(static_cast<std::size_t>(n));
      for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = *to_fixed_point(values[i], scale_bits);
      for (const Table<float>* table : exact_tables()) {
        AlignedBuffer<std::int64_t> sums(expected.size());
        AlignedBuffer<float> back = unwritten<float>(n);
        EXPECT_EQ(table->accumulate_fixed_point(n, scale_bits, values.data(), sums.data()), 0);
        table->from_fixed_point(n, scale_bits, sums.data(), back.data());
        EXPECT_TRUE(same_bits(expected, sums)) << table->name << " n " << n;
        for (std::size_t i = 0; i < expected.size(); ++i) {
          EXPECT_EQ(back[i], static_cast<float>(from_fixed_point(expected[i], scale_bits)));
        }
      }
    }
  }
}

TEST(FixedPoint, ConvertsLargeSumsWithOneRounding) {
  const std::int64_t sums[] = {(std::int64_t{1} << 62) - 1, -(std::int64_t{1} << 62),
                               (std::int64_t{1} << 53) + 1, -3};
  for (const Table<float>* table : exact_tables()) {
    float values[4];
    table->from_fixed_point(4, 40, sums, values);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(values[i], static_cast<float>(static_cast<double>(sums[i]) * 0x1p-40));
    }
  }
}

TEST(SumOfSquares, FoldsEightChains) {
  for (std::uint64_t draw = 10; draw < 150; ++draw) {
    const int n = kLengths[draw % std::size(kLengths)];
    AlignedBuffer<float> values = uniform<float>(n, draw, -3, 3);
    for (std::size_t i = 0; i < values.size(); i += 3) values[i] *= 4096;  // so that rounding shows the order
    double chain[8] = {};
    for (std::size_t i = 0; i < values.size(); ++i) {
      chain[i % 8] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    }
    const double expected =
        ((chain[0] + chain[1]) + (chain[2] + chain[3])) + ((chain[4] + chain[5]) + (chain[6] + chain[7]));
    for (const Table<float>* table : exact_tables()) {
      EXPECT_EQ(table->sum_of_squares(n, values.data()), expected) << table->name << " n " << n;
    }
  }
}

}  // namespace
}  // namespace cohort::kernels
