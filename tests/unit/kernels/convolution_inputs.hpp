// Inputs of convolution that its tests share: drawn values, ordinary and special, in the blocked layout.
#pragma once

#include <cstdint>
#include <limits>

#include "cohort/core/aligned_buffer.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/kernels/shapes.hpp"
#include "unit/kernels/convolution_definition.hpp"

namespace cohort::kernels {

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

}  // namespace cohort::kernels
