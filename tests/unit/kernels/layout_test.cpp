// Canonical and blocked layouts.
#include "cohort/kernels/layout.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>
#include <vector>

namespace cohort::kernels {
namespace {

template <typename T>
std::vector<T> counted(std::int64_t count) {
  std::vector<T> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), T(1));
  return values;
}

ConvShape weights(int k, int c, int r, int s, bool thin = false) {
  ConvShape shape;
  shape.destination_channels = k;
  shape.source_channels = c;
  shape.kernel_height = r;
  shape.kernel_width = s;
  shape.thin_source = thin;
  return shape;
}

TEST(Layout, PutsWeightsWhereKernelsReadThem) {
  const ConvShape shape = weights(20, 18, 2, 3);
  const auto canonical = counted<float>(20 * 18 * 2 * 3);
  std::vector<float> blocked(static_cast<std::size_t>(shape.weight_count()), -1.0f);
  block_weight<float>(shape, canonical, blocked);
  ASSERT_EQ(blocked.size(), 2u * 2 * 2 * 3 * 16 * 16);
  for (int k = 0; k < 32; ++k) {
    for (int c = 0; c < 32; ++c) {
      for (int r = 0; r < 2; ++r) {
        for (int s = 0; s < 3; ++s) {
          const int at = (((((k / 16) * 2 + c / 16) * 2 + r) * 3 + s) * 16 + c % 16) * 16 + k % 16;
          const float expected =
              k < 20 && c < 18 ? static_cast<float>(((k * 18 + c) * 2 + r) * 3 + s + 1) : 0.0f;
          ASSERT_EQ(blocked[static_cast<std::size_t>(at)], expected) << k << " " << c << " " << r << " " << s;
        }
      }
    }
  }
}

TEST(Layout, KeepsThinWeightsDense) {
  const ConvShape shape = weights(17, 3, 3, 3, true);
  const auto canonical = counted<float>(17 * 3 * 3 * 3);
  std::vector<float> blocked(static_cast<std::size_t>(shape.weight_count()));
  block_weight<float>(shape, canonical, blocked);
  ASSERT_EQ(blocked.size(), 2u * 3 * 3 * 3 * 16);
  // k = 16, c = 1, r = 2, s = 0
  EXPECT_EQ(blocked[((1 * 3 + 2) * 3 + 0) * 3 * 16 + 1 * 16 + 0],
            static_cast<float>((16 * 3 + 1) * 9 + 6 + 1));
}

TEST(Layout, PutsMapsWhereKernelsReadThem) {
  const MapShape shape{.images = 2, .channels = 18, .height = 3, .width = 2};
  const auto canonical = counted<double>(2 * 18 * 3 * 2);
  std::vector<double> blocked(static_cast<std::size_t>(shape.count()), -1.0);
  block_maps<double>(shape, canonical, blocked);
  for (int n = 0; n < 2; ++n) {
    for (int c = 0; c < 32; ++c) {
      for (int pixel = 0; pixel < 6; ++pixel) {
        const int at = ((n * 2 + c / 16) * 6 + pixel) * 16 + c % 16;
        const double expected = c < 18 ? (n * 18 + c) * 6 + pixel + 1 : 0;
        ASSERT_EQ(blocked[static_cast<std::size_t>(at)], expected) << n << " " << c << " " << pixel;
      }
    }
  }
}

template <typename T>
void expect_round_trips() {
  for (const ConvShape& shape : {weights(20, 18, 2, 3), weights(16, 16, 1, 1), weights(7, 3, 7, 7, true),
                                 weights(33, 1, 3, 1, true), weights(5, 70, 1, 4)}) {
    const auto canonical = counted<T>(std::int64_t{shape.destination_channels} * shape.source_channels *
                                      shape.kernel_height * shape.kernel_width);
    std::vector<T> blocked(static_cast<std::size_t>(shape.weight_count())), back(canonical.size());
    block_weight<T>(shape, canonical, blocked);
    unblock_weight<T>(shape, blocked, back);
    EXPECT_EQ(back, canonical);
  }
  for (const MapShape& shape : {MapShape{2, 18, 3, 2}, MapShape{1, 16, 1, 1}, MapShape{3, 1, 5, 4}}) {
    const auto canonical = counted<T>(shape.images * shape.channels * shape.pixels());
    std::vector<T> blocked(static_cast<std::size_t>(shape.count())), back(canonical.size());
    block_maps<T>(shape, canonical, blocked);
    unblock_maps<T>(shape, blocked, back);
    EXPECT_EQ(back, canonical);
  }
}

TEST(Layout, RoundTripsInFloat) {
  expect_round_trips<float>();
}
TEST(Layout, RoundTripsInDouble) {
  expect_round_trips<double>();
}

TEST(Layout, RefusesWrongCounts) {
  const ConvShape shape = weights(16, 16, 1, 1);
  std::vector<float> canonical(255), blocked(256);
  EXPECT_THROW(block_weight<float>(shape, canonical, blocked), std::logic_error);
  EXPECT_THROW(unblock_weight<float>(shape, blocked, canonical), std::logic_error);
}

}  // namespace
}  // namespace cohort::kernels
