#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "cohort/core/text.hpp"
#include "unit/kernels/arrays.hpp"
#include "unit/kernels/problem_shapes.hpp"

namespace cohort::kernels {
namespace {

using namespace testing;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Pooled {
  AlignedBuffer<float> maximum, average, d_of_maximum, d_of_average;
  AlignedBuffer<std::uint8_t> winner;
};

Pooled run(const Table<float>& table, const PoolShape& shape, const AlignedBuffer<float>& src,
           const AlignedBuffer<float>& d_dst, int parts = 1) {
  Pooled result{.maximum = unwritten<float>(shape.destination().count()),
                .average = unwritten<float>(shape.destination().count()),
                .d_of_maximum = unwritten<float>(shape.source().count()),
                .d_of_average = unwritten<float>(shape.source().count()),
                .winner = AlignedBuffer<std::uint8_t>(static_cast<std::size_t>(shape.destination().count()))};
  for (std::uint8_t& winner : result.winner.span()) winner = 255;
  run_parts(parts, [&](Part part) {
    table.max_pool_forward(shape, src.data(), result.maximum.data(), result.winner.data(), part);
    table.average_pool_forward(shape, src.data(), result.average.data(), part);
  });
  run_parts(parts, [&](Part part) {
    table.max_pool_backward(shape, d_dst.data(), result.winner.data(), result.d_of_maximum.data(), part);
    table.average_pool_backward(shape, d_dst.data(), result.d_of_average.data(), part);
  });
  return result;
}

// The ImageNet stem's pool, odd sizes, gaps between windows, windows as large as the map, the largest window,
// a row longer than one segment.
const PoolShape kShapes[] = {
    pool_shape(2, 5, 9, 7, 3, 3, 2, 1, 1),
    pool_shape(1, 33, 5, 8, 2, 3, 1, 0, 1),
    pool_shape(2, 3, 11, 7, 2, 1, 3),
    pool_shape(3, 20, 4, 4, 4, 4),
    pool_shape(1, 2, 16, 17, 16, 16, 2, 7, 8),
    pool_shape(1, 1, 3, 70, 3, 2, 1, 1, 1),
    pool_shape(1, 16, 1, 1, 1, 1),
};

TEST(Pooling, HasTheSameBitsOnEveryInstructionSetAndPartition) {
  for (const PoolShape& shape : kShapes) {
    const auto src = uniform_maps<float>(shape.source(), 1);
    const auto d_dst = uniform_maps<float>(shape.destination(), 2);
    const Pooled expected = run(exact_table(Isa::scalar), shape, src, d_dst);
    for (const auto* maps :
         {&expected.maximum, &expected.average, &expected.d_of_maximum, &expected.d_of_average}) {
      EXPECT_FALSE(has_nan(maps->span()));
    }
    for (const Table<float>* table : exact_tables()) {
      for (const int parts : partitions()) {
        SCOPED_TRACE(concat(table->name, " ", shape.height, "x", shape.width, " parts ", parts));
        const Pooled actual = run(*table, shape, src, d_dst, parts);
        EXPECT_TRUE(same_bits(expected.maximum, actual.maximum));
        EXPECT_TRUE(same_bits(expected.winner, actual.winner));
        EXPECT_TRUE(same_bits(expected.average, actual.average));
        EXPECT_TRUE(same_bits(expected.d_of_maximum, actual.d_of_maximum));
        EXPECT_TRUE(same_bits(expected.d_of_average, actual.d_of_average));
      }
    }
  }
}

TEST(Pooling, AgreesWithTheDoubleReference) {
  const Table<double>& reference = reference_table();
  for (const PoolShape& shape : kShapes) {
    const auto src = uniform_maps<float>(shape.source(), 3);
    const auto d_dst = uniform_maps<float>(shape.destination(), 4);
    const Pooled pooled = run(exact_table("auto"), shape, src, d_dst);
    const auto wide_src = widened(src), wide_d_dst = widened(d_dst);
    auto dst = unwritten<double>(shape.destination().count()),
         d_src = unwritten<double>(shape.source().count());
    AlignedBuffer<std::uint8_t> winner(dst.size());
    const double tolerance = 6e-8 * shape.kernel_height * shape.kernel_width;

    reference.max_pool_forward(shape, wide_src.data(), dst.data(), winner.data(), {});
    reference.max_pool_backward(shape, wide_d_dst.data(), winner.data(), d_src.data(), {});
    EXPECT_TRUE(near(dst, pooled.maximum, 0));
    EXPECT_TRUE(same_bits(winner, pooled.winner));
    EXPECT_TRUE(near(d_src, pooled.d_of_maximum, tolerance));

    reference.average_pool_forward(shape, wide_src.data(), dst.data(), {});
    reference.average_pool_backward(shape, wide_d_dst.data(), d_src.data(), {});
    EXPECT_TRUE(near(dst, pooled.average, tolerance));
    EXPECT_TRUE(near(d_src, pooled.d_of_average, tolerance));
  }
}

/// One window of four values in a row, lane 0 of one block.
std::array<float, 2> maximum_of(const Table<float>& table, const std::array<float, 4>& values) {
  const PoolShape shape = pool_shape(1, 1, 1, 4, 1, 4);
  AlignedBuffer<float> src(64);
  for (std::size_t i = 0; i < 4; ++i) src[i * 16] = values[i];
  const Pooled pooled = run(table, shape, src, AlignedBuffer<float>(16));
  return {pooled.maximum[0], static_cast<float>(pooled.winner[0])};
}

TEST(MaxPool, TakesTheFirstOfEqualsAndTheFirstNan) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const Table<float>* table : exact_tables()) {
    SCOPED_TRACE(table->name);
    EXPECT_EQ(maximum_of(*table, {1, 3, 3, 2}), (std::array{3.0f, 1.0f}));
    EXPECT_EQ(maximum_of(*table, {-0.0f, 0.0f, -1, 0.0f}), (std::array{0.0f, 0.0f}));
    EXPECT_TRUE(std::signbit(maximum_of(*table, {-0.0f, 0.0f, -1, 0.0f})[0]));
    EXPECT_EQ(maximum_of(*table, {-infinity, -infinity, -infinity, -infinity}),
              (std::array{-infinity, 0.0f}));
    EXPECT_EQ(maximum_of(*table, {-5, -2, infinity, infinity}), (std::array{infinity, 2.0f}));
    for (const std::array<float, 4>& values : {std::array{1.0f, kNan, infinity, kNan}, {2, kNan, kNan, 3}}) {
      const auto [maximum, winner] = maximum_of(*table, values);
      EXPECT_TRUE(std::isnan(maximum));
      EXPECT_EQ(winner, 1);
    }
    EXPECT_EQ(maximum_of(*table, {kNan, 1, 2, kNan})[1], 0);
  }
}

TEST(MaxPool, NamesTheLastPositionOfTheLargestWindow) {
  const PoolShape shape = pool_shape(1, 16, 16, 16, 16, 16);
  ASSERT_EQ(shape.kernel_height * shape.kernel_width, kMaxWinners);
  constexpr std::size_t kLast = (kMaxWinners - 1) * kLanes;  // lane 0 of the last pixel
  AlignedBuffer<float> src(kMaxWinners * kLanes), d_dst(kLanes);
  src[kLast] = 1;
  d_dst[0] = 3;
  for (const Table<float>* table : exact_tables()) {
    const Pooled pooled = run(*table, shape, src, d_dst);
    EXPECT_EQ(pooled.winner[0], kMaxWinners - 1) << table->name;
    EXPECT_EQ(pooled.d_of_maximum[kLast], 3) << table->name;
  }
}

TEST(MaxPool, NeverTakesPadding) {
  const PoolShape shape = pool_shape(1, 16, 3, 3, 3, 3, 1, 1, 1);
  AlignedBuffer<float> src(9 * 16);
  for (float& value : src.span()) value = -7;
  for (const Table<float>* table : exact_tables()) {
    const Pooled pooled = run(*table, shape, src, AlignedBuffer<float>(9 * 16));
    for (const float value : pooled.maximum.span()) EXPECT_EQ(value, -7);
    EXPECT_EQ(pooled.winner[0], 4);       // the corner's window starts at (-1, -1)
    EXPECT_EQ(pooled.winner[2 * 16], 3);  // top right
    EXPECT_EQ(pooled.winner[6 * 16], 1);  // bottom left
    EXPECT_EQ(pooled.average[0], -7);
  }
}

// Rounding shows the order: 1 is lost beside 2^25 unless the large terms cancel first.
TEST(MaxPool, AddsGradientsRowByRow) {
  const PoolShape shape = pool_shape(1, 1, 2, 2, 2, 2, 1, 1, 1);
  AlignedBuffer<float> src(4 * 16), d_dst(9 * 16);
  src[0] = 1;  // the upper left pixel wins all four windows over it: (0,0) (0,1) (1,0) (1,1)
  const float big = 0x1p25f;
  const std::array<float, 9> gradients = {big, -big, 0, 1, 2, 0, 0, 0, 0};
  for (std::size_t i = 0; i < 9; ++i) d_dst[i * 16] = gradients[i];
  for (const Table<float>* table : exact_tables()) {
    EXPECT_EQ(run(*table, shape, src, d_dst).d_of_maximum[0], 3);
    std::swap(d_dst[16], d_dst[3 * 16]);  // big, 1, -big, 2
    EXPECT_EQ(run(*table, shape, src, d_dst).d_of_maximum[0], 2);
    std::swap(d_dst[16], d_dst[3 * 16]);
  }
}

TEST(AveragePool, SumsRowByRowAndDividesOnce) {
  const PoolShape shape = pool_shape(1, 1, 5, 5, 3, 3, 2, 1, 1);
  const auto src = uniform_maps<float>(shape.source(), 5, 0, 1);
  const auto d_dst = uniform_maps<float>(shape.destination(), 6);
  float sum = 0, gradient = 0;
  for (std::size_t h = 1; h < 4; ++h) {
    for (std::size_t w = 1; w < 4; ++w) sum += src[(h * 5 + w) * 16];
  }
  // Pixel (1, 1) lies under the windows (0,0) of 4 pixels, (0,1) and (1,0) of 6, (1,1) of 9.
  gradient += d_dst[0] / 4;
  gradient += d_dst[16] / 6;
  gradient += d_dst[3 * 16] / 6;
  gradient += d_dst[4 * 16] / 9;
  for (const Table<float>* table : exact_tables()) {
    const Pooled pooled = run(*table, shape, src, d_dst);
    EXPECT_EQ(pooled.average[4 * 16], sum / 9) << table->name;
    EXPECT_EQ(pooled.d_of_average[6 * 16], gradient) << table->name;
  }
}

// ((a i + b) mod 17 - 8) / 8 on a 5 x 6 map; expected values from PyTorch 1.13.
TEST(Pooling, AgreesWithPyTorch) {
  const PoolShape shape = pool_shape(1, 1, 5, 6, 3, 3, 2, 1, 1);
  const auto sequence = [](int i, int a, int b) { return static_cast<float>((i * a + b) % 17 - 8) / 8; };
  AlignedBuffer<float> src(30 * 16), d_dst(9 * 16);
  for (int i = 0; i < 30; ++i) src[static_cast<std::size_t>(i) * 16] = sequence(i, 11, 2);
  for (int i = 0; i < 9; ++i) d_dst[static_cast<std::size_t>(i) * 16] = sequence(i, 5, 4);
  const std::array<double, 9> maximum = {0.625, 1.0, 1.0, 0.875, 1.0, 1.0, 0.625, 1.0, 0.875};
  const std::array<int, 9> winner_pixel = {1, 9, 9, 12, 9, 9, 18, 26, 29};
  const std::array<double, 9> average = {-0.1875,
                                         0.10416666666666667,
                                         0.020833333333333332,
                                         0.14583333333333334,
                                         0.08333333333333333,
                                         0.0,
                                         0.125,
                                         0.0625,
                                         -0.020833333333333332};
  const Pooled pooled = run(exact_table("auto"), shape, src, d_dst);
  for (int i = 0; i < 9; ++i) {
    const auto at = static_cast<std::size_t>(i) * 16, to = static_cast<std::size_t>(i);
    const int row = i / 3 * 2 - 1 + pooled.winner[at] / 3, column = i % 3 * 2 - 1 + pooled.winner[at] % 3;
    EXPECT_EQ(pooled.maximum[at], maximum[to]);
    EXPECT_EQ(row * 6 + column, winner_pixel[to]);
    EXPECT_NEAR(pooled.average[at], average[to], 1e-7);
  }
  const std::array<double, 30> d_of_maximum = {0, -0.5, 0, 0, 0, 0, 0, 0, 0, 1.25,   0, 0, -0.75, 0, 0, 0, 0,
                                               0, -1,   0, 0, 0, 0, 0, 0, 0, -0.375, 0, 0, 0.25};
  for (std::size_t i = 0; i < 30; ++i) EXPECT_EQ(pooled.d_of_maximum[i * 16], d_of_maximum[i]) << i;
  EXPECT_NEAR(pooled.d_of_average[7 * 16], -0.24305555555555558, 1e-7);
  EXPECT_NEAR(pooled.d_of_average[19 * 16], -0.4513888888888889, 1e-7);
}

}  // namespace
}  // namespace cohort::kernels
