// Arrays for kernel tests: counter-made values in the blocked layout, unwritten outputs that show, bit
// comparison.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include "cohort/core/aligned_buffer.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/kernels/shapes.hpp"

namespace cohort::kernels::testing {

/// Every exact table that this machine can run; the last one is scalar, the plainest form of the definition.
inline std::vector<const Table<float>*> exact_tables() {
  std::vector<const Table<float>*> tables;
  for (const Isa isa : available_isas()) tables.push_back(&exact_table(isa));
  return tables;
}

template <typename T>
AlignedBuffer<T> uniform(std::int64_t count, std::uint64_t draw, double low = -1, double high = 1) {
  AlignedBuffer<T> values(static_cast<std::size_t>(count));
  RandomSequence random(1, Stream::test_inputs, draw);
  for (T& value : values.span()) value = static_cast<T>(random.uniform(low, high));
  return values;
}

/// An output nobody wrote yet: every element a NaN.
template <typename T>
AlignedBuffer<T> unwritten(std::int64_t count) {
  AlignedBuffer<T> values(static_cast<std::size_t>(count));
  for (T& value : values.span()) value = std::numeric_limits<T>::quiet_NaN();
  return values;
}

template <typename T>
AlignedBuffer<T> copy_of(const AlignedBuffer<T>& from) {
  AlignedBuffer<T> values(from.size());
  std::ranges::copy(from.span(), values.data());
  return values;
}

inline AlignedBuffer<double> widened(const AlignedBuffer<float>& from) {
  AlignedBuffer<double> values(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) values[i] = from[i];
  return values;
}

/// Sets the lanes beyond `channels` to +0 in blocked maps.
template <typename T>
void clear_padding(const MapShape& shape, AlignedBuffer<T>& maps) {
  for (std::size_t i = 0; i < maps.size(); ++i) {
    const auto index = static_cast<std::int64_t>(i);
    const std::int64_t block = index / (shape.pixels() * kLanes) % shape.channel_blocks();
    if (block * kLanes + index % kLanes >= shape.channels) maps[i] = 0;
  }
}

/// Blocked maps with values in [low, high) and +0 in the padding lanes.
template <typename T>
AlignedBuffer<T> uniform_maps(const MapShape& shape, std::uint64_t draw, double low = -1, double high = 1) {
  AlignedBuffer<T> maps = uniform<T>(shape.count(), draw, low, high);
  clear_padding(shape, maps);
  return maps;
}

/// One value per channel, +0 in the padding lanes.
template <typename T>
AlignedBuffer<T> uniform_channels(int channels, std::uint64_t draw, double low = -1, double high = 1) {
  return uniform_maps<T>(MapShape{.images = 1, .channels = channels}, draw, low, high);
}

/// Index of a value of canonical [N][C][H*W] maps in blocked maps.
inline std::size_t blocked_index(const MapShape& shape, int n, int channel, std::int64_t pixel) {
  const std::int64_t map = std::int64_t{n} * shape.channel_blocks() + channel / kLanes;
  return static_cast<std::size_t>((map * shape.pixels() + pixel) * kLanes + channel % kLanes);
}

/// Passes when all bits are equal (so a NaN equals the same NaN, and +0 is not -0); names the first
/// difference.
template <typename T>
::testing::AssertionResult same_bits(std::span<const T> expected, std::span<const T> actual) {
  if (expected.size() != actual.size()) return ::testing::AssertionFailure() << "sizes differ";
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (std::memcmp(&expected[i], &actual[i], sizeof(T)) == 0) continue;
    return ::testing::AssertionFailure()
           << "element " << i << ": " << +expected[i] << " against " << +actual[i];
  }
  return ::testing::AssertionSuccess();
}
template <typename T>
::testing::AssertionResult same_bits(const AlignedBuffer<T>& expected, const AlignedBuffer<T>& actual) {
  return same_bits(expected.span(), actual.span());
}

/// Passes when |float - double| <= tolerance * (1 + |double|) everywhere.
inline ::testing::AssertionResult near(const AlignedBuffer<double>& expected,
                                       const AlignedBuffer<float>& actual, double tolerance) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double error = std::fabs(expected[i] - static_cast<double>(actual[i]));
    if (error <= tolerance * (1 + std::fabs(expected[i]))) continue;
    return ::testing::AssertionFailure() << "element " << i << ": " << expected[i] << " against " << actual[i]
                                         << ", tolerance " << tolerance;
  }
  return ::testing::AssertionSuccess();
}

template <typename T>
bool has_nan(std::span<const T> values) {
  for (const T value : values) {
    if (std::isnan(value)) return true;
  }
  return false;
}

/// Runs a kernel once for each part of each partition that tests use: run(part) must fill the same output.
inline const std::vector<int>& partitions() {
  static const std::vector<int> counts = {1, 2, 3, 7};
  return counts;
}
template <typename Run>
void run_parts(int count, Run run) {
  for (int index = count - 1; index >= 0; --index) run(Part{index, count});
}

}  // namespace cohort::kernels::testing
