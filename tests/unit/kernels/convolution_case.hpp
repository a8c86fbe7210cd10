// Shapes, inputs and runs of convolution that its tests share.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "cohort/core/aligned_buffer.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/table.hpp"
#include "unit/kernels/convolution_definition.hpp"

namespace cohort::kernels {

inline std::string describe(const ConvShape& s) {
  return concat("n", s.images, "c", s.source_channels, "h", s.height, "w", s.width, "k",
                s.destination_channels, "r", s.kernel_height, "s", s.kernel_width, "u", s.stride, "p",
                s.pad_height, ",", s.pad_width, s.thin_source ? " thin" : "");
}

/// What a value means when bits are compared: all NaN are one.
inline std::uint32_t bits_of(float value) {
  return std::isnan(value) ? 0x7fc00000u : std::bit_cast<std::uint32_t>(value);
}

template <typename Values, typename Expected>
void expect_same_bits(const Values& values, const Expected& expected, const std::string& what) {
  ASSERT_EQ(values.size(), expected.size()) << what;
  std::size_t different = 0, first = 0;
  for (std::size_t i = values.size(); i-- > 0;) {
    if (bits_of(values[i]) != bits_of(expected[i])) {
      ++different;
      first = i;
    }
  }
  EXPECT_EQ(different, 0u) << what << ": first at " << first << ": " << values[first] << " instead of "
                           << expected[first];
}

/// Uniform in [-1, 1).
inline float random_value(RandomSequence& random) {
  return static_cast<float>(random.uniform(-1, 1));
}

/// -0, subnormals, infinities and NaN among ordinary values.
inline float special_value(RandomSequence& random) {
  switch (random.below(200)) {
    case 0:
      return std::numeric_limits<float>::infinity();
    case 1:
      return -std::numeric_limits<float>::infinity();
    case 2:
      return std::numeric_limits<float>::quiet_NaN();
    default:
      break;
  }
  switch (random.below(6)) {
    case 0:
      return -0.0f;
    case 1:
      return 0.0f;
    case 2:
      return random_value(random) * 1e-40f;
    case 3:
      return random_value(random) * 1e-22f;
    default:
      return random_value(random);
  }
}

/// Inputs of all passes. Unused lanes of sources and weights are +0, as everywhere.
struct ConvInputs {
  AlignedBuffer<float> src, weight, d_dst, start;

  template <typename Draw>
  ConvInputs(const ConvShape& shape, std::uint64_t draw, Draw next)
      : src(static_cast<std::size_t>(shape.source_count())),
        weight(static_cast<std::size_t>(shape.weight_count())),
        d_dst(static_cast<std::size_t>(shape.destination_count())),
        start(src.size()) {
    RandomSequence random(1, Stream::test_inputs, draw);
    const auto fill = [&](AlignedBuffer<float>& buffer, int a, int b, int c, int d, auto index) {
      definition::for_all(shape, a, b, c, d, index, [&](std::int64_t i, int, int, int, int) {
        buffer[static_cast<std::size_t>(i)] = next(random);
      });
    };
    fill(src, shape.images, shape.source_channels, shape.height, shape.width, definition::source_index);
    fill(weight, shape.destination_channels, shape.source_channels, shape.kernel_height, shape.kernel_width,
         definition::weight_index);
    fill(d_dst, shape.images, shape.destination_channels, shape.destination_height(),
         shape.destination_width(), definition::destination_index);
    fill(start, shape.images, shape.source_channels, shape.height, shape.width, definition::source_index);
  }
};

/// Runs one table on one shape. Outputs and scratch hold NaN before each part, so that whatever a kernel
/// fails to write, or reads without having written it, shows; a guard behind the scratch finds overruns.
class ConvRunner {
 public:
  ConvRunner(const Table<float>& table, const ConvShape& shape)
      : table_(table),
        shape_(shape),
        bytes_(table.conv_scratch_bytes(shape)),
        scratch_(bytes_ + kGuardBytes) {}

  AlignedBuffer<float> forward(const ConvInputs& in, int parts = 1) {
    AlignedBuffer<float> dst = nan_buffer(shape_.destination_count());
    for_each_part(parts, [&](Part part) {
      table_.conv_forward(shape_, in.src.data(), in.weight.data(), dst.data(), scratch(), part);
    });
    return dst;
  }
  AlignedBuffer<float> backward_data(const ConvInputs& in, bool accumulate, int parts = 1) {
    AlignedBuffer<float> d_src = nan_buffer(shape_.source_count());
    if (accumulate) std::memcpy(d_src.data(), in.start.data(), d_src.size() * sizeof(float));
    for_each_part(parts, [&](Part part) {
      table_.conv_backward_data(shape_, in.d_dst.data(), in.weight.data(), d_src.data(), accumulate,
                                scratch(), part);
    });
    return d_src;
  }
  AlignedBuffer<float> backward_weight(const ConvInputs& in, int parts = 1) {
    AlignedBuffer<float> d_weight = nan_buffer(shape_.weight_count());
    for_each_part(parts, [&](Part part) {
      table_.conv_backward_weight(shape_, in.src.data(), in.d_dst.data(), d_weight.data(), scratch(), part);
    });
    return d_weight;
  }

 private:
  static constexpr std::size_t kGuardBytes = 1024;

  static AlignedBuffer<float> nan_buffer(std::int64_t count) {
    AlignedBuffer<float> buffer(static_cast<std::size_t>(count));
    std::memset(buffer.data(), 0xff, buffer.size() * sizeof(float));
    return buffer;
  }
  /// Last part first: the order must not matter.
  template <typename Run>
  void for_each_part(int parts, Run run) {
    for (int i = parts; i-- > 0;) {
      std::memset(scratch_.data(), 0xff, scratch_.size());
      run(Part{i, parts});
      for (std::size_t byte = bytes_; byte < scratch_.size(); ++byte) {
        ASSERT_EQ(scratch_[byte], std::byte{0xff}) << "wrote behind the scratch";
      }
    }
  }
  Scratch scratch() { return {scratch_.data(), bytes_}; }

  const Table<float>& table_;
  ConvShape shape_;
  std::size_t bytes_;
  AlignedBuffer<std::byte> scratch_;
};

}  // namespace cohort::kernels
