// The reference itself: forward passes against an independent statement or PyTorch, gradients against
// differences.
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "cohort/core/text.hpp"
#include "cohort/kernels/layout.hpp"
#include "unit/kernels/arrays.hpp"
#include "unit/kernels/gradient_check.hpp"
#include "unit/kernels/problem_shapes.hpp"

namespace cohort::kernels {
namespace {

using namespace testing;
using Buffer = AlignedBuffer<double>;

const Table<double>& kernels_under_test() {
  return reference_table();
}

// Unequal sides, stride 2, padding on one axis, one image, more than one block on either side, a thin source.
const ConvShape kConvolutions[] = {
    conv_shape(2, 3, 5, 4, 5, 3, 3, 2, 1, 1),  conv_shape(1, 17, 4, 3, 2, 1, 2, 1, 0, 1),
    conv_shape(2, 2, 3, 5, 18, 2, 1, 3, 1, 0), thin(conv_shape(2, 3, 4, 6, 3, 3, 2, 1, 1, 1)),
    conv_shape(3, 6, 1, 1, 4, 1, 1, 1, 0, 0),
};

Buffer source_of(const ConvShape& shape, std::uint64_t draw) {
  if (shape.thin_source) return uniform<double>(shape.source_count(), draw);
  return uniform_maps<double>({shape.images, shape.source_channels, shape.height, shape.width}, draw);
}
MapShape destination_of(const ConvShape& shape) {
  return {shape.images, shape.destination_channels, shape.destination_height(), shape.destination_width()};
}
std::int64_t canonical_weight_count(const ConvShape& shape) {
  return std::int64_t{shape.destination_channels} * shape.source_channels * shape.kernel_height *
         shape.kernel_width;
}
Buffer weight_of(const ConvShape& shape, std::uint64_t draw) {
  const Buffer canonical = uniform<double>(canonical_weight_count(shape), draw);
  Buffer blocked = unwritten<double>(shape.weight_count());
  block_weight<double>(shape, canonical.span(), blocked.span());
  return blocked;
}
Buffer forward(const ConvShape& shape, const Buffer& src, const Buffer& weight, int parts = 1) {
  Buffer dst = unwritten<double>(shape.destination_count());
  run_parts(parts, [&](Part part) {
    kernels_under_test().conv_forward(shape, src.data(), weight.data(), dst.data(), {}, part);
  });
  return dst;
}

TEST(ReferenceConvolution, IsTheCrossCorrelation) {
  for (const ConvShape& shape : kConvolutions) {
    const Buffer src = source_of(shape, 1), weight = weight_of(shape, 2), dst = forward(shape, src, weight);
    Buffer canonical(static_cast<std::size_t>(canonical_weight_count(shape)));
    unblock_weight<double>(shape, weight.span(), canonical.span());
    const MapShape from{shape.images, shape.source_channels, shape.height, shape.width},
        to = destination_of(shape);
    const auto source = [&](int n, int c, int h, int w) {
      if (h < 0 || h >= shape.height || w < 0 || w >= shape.width) return 0.0;
      const int pixel = h * shape.width + w;
      if (!shape.thin_source) return src[blocked_index(from, n, c, pixel)];
      return src[static_cast<std::size_t>((n * shape.height * shape.width + pixel) * shape.source_channels +
                                          c)];
    };
    for (int n = 0; n < shape.images; ++n) {
      for (int k = 0; k < padded(shape.destination_channels); ++k) {
        for (int p = 0; p < to.height; ++p) {
          for (int q = 0; q < to.width; ++q) {
            double sum = 0;
            for (int c = 0; k < shape.destination_channels && c < shape.source_channels; ++c) {
              for (int r = 0; r < shape.kernel_height; ++r) {
                for (int s = 0; s < shape.kernel_width; ++s) {
                  const int tap =
                      ((k * shape.source_channels + c) * shape.kernel_height + r) * shape.kernel_width + s;
                  sum += source(n, c, p * shape.stride + r - shape.pad_height,
                                q * shape.stride + s - shape.pad_width) *
                         canonical[static_cast<std::size_t>(tap)];
                }
              }
            }
            EXPECT_NEAR(dst[blocked_index(to, n, k, p * to.width + q)], sum, 1e-13);
          }
        }
      }
    }
  }
}

TEST(ReferenceConvolution, HasTheGradientsOfItsForwardPass) {
  for (const ConvShape& shape : kConvolutions) {
    Buffer src = source_of(shape, 3), weight = weight_of(shape, 4);
    const Buffer direction = uniform_maps<double>(destination_of(shape), 5);
    const auto value = [&] { return project(forward(shape, src, weight).span(), direction.span()); };

    Buffer d_weight = unwritten<double>(shape.weight_count());
    kernels_under_test().conv_backward_weight(shape, src.data(), direction.data(), d_weight.data(), {}, {});
    EXPECT_FALSE(has_nan(std::span<const double>(d_weight.span())));
    EXPECT_TRUE(gradient_matches(weight.span(), d_weight.span(), value)) << shape.height;

    if (shape.thin_source) continue;
    Buffer d_src = unwritten<double>(shape.source_count());
    kernels_under_test().conv_backward_data(shape, direction.data(), weight.data(), d_src.data(), false, {},
                                            {});
    EXPECT_TRUE(gradient_matches(src.span(), d_src.span(), value)) << shape.height;

    Buffer twice = copy_of(d_src);
    kernels_under_test().conv_backward_data(shape, direction.data(), weight.data(), twice.data(), true, {},
                                            {});
    for (std::size_t i = 0; i < twice.size(); ++i) EXPECT_NEAR(twice[i], 2 * d_src[i], 1e-13);
  }
}

TEST(ReferenceConvolution, DoesNotDependOnThePartition) {
  for (const ConvShape& shape : kConvolutions) {
    const Buffer src = source_of(shape, 6), weight = weight_of(shape, 7);
    for (const int parts : partitions()) {
      EXPECT_TRUE(same_bits(forward(shape, src, weight), forward(shape, src, weight, parts)));
    }
  }
}

TEST(ReferencePooling, HasTheGradientsOfItsForwardPass) {
  const PoolShape shape = pool_shape(2, 3, 5, 4, 3, 2, 2, 1, 1);
  Buffer src = uniform_maps<double>(shape.source(), 1);
  const Buffer direction = uniform_maps<double>(shape.destination(), 2);
  Buffer dst = unwritten<double>(shape.destination().count()),
         d_src = unwritten<double>(shape.source().count());
  AlignedBuffer<std::uint8_t> winner(dst.size());
  const Table<double>& table = kernels_under_test();
  const auto maximum = [&] {
    table.max_pool_forward(shape, src.data(), dst.data(), winner.data(), {});
    return project(dst.span(), direction.span());
  };
  const auto average = [&] {
    table.average_pool_forward(shape, src.data(), dst.data(), {});
    return project(dst.span(), direction.span());
  };
  maximum();
  table.max_pool_backward(shape, direction.data(), winner.data(), d_src.data(), {});
  // Padding lanes hold equal values: their maximum has a kink, and nobody trains them.
  EXPECT_TRUE(gradient_matches(src.span(), d_src.span(), maximum, [](std::size_t i) { return i % 16 >= 3; }));
  average();
  table.average_pool_backward(shape, direction.data(), d_src.data(), {});
  EXPECT_TRUE(gradient_matches(src.span(), d_src.span(), average));
}

TEST(ReferenceElementwise, HasTheGradientsOfItsForwardPass) {
  const Table<double>& table = kernels_under_test();
  Buffer bias = uniform<double>(32, 1), src = uniform<double>(3 * 32, 2);
  const Buffer rows = uniform<double>(3 * 32, 3), direction = uniform<double>(3 * 32, 4);
  Buffer d_bias = unwritten<double>(32), d_src = unwritten<double>(3 * 32), dst = unwritten<double>(3 * 32);
  table.bias_backward(3, 32, direction.data(), d_bias.data(), {});
  EXPECT_TRUE(gradient_matches(bias.span(), d_bias.span(), [&] {
    dst = copy_of(rows);
    table.bias_forward(3, 32, bias.data(), dst.data(), {});
    return project(dst.span(), direction.span());
  }));
  const auto rectify = [&] {
    table.relu_forward(3 * 32, src.data(), dst.data());
    return project(dst.span(), direction.span());
  };
  rectify();
  table.relu_backward(3 * 32, dst.data(), direction.data(), d_src.data());
  EXPECT_TRUE(gradient_matches(src.span(), d_src.span(), rectify));
}

TEST(Reference, IsNotReplayable) {
  EXPECT_FALSE(reference_table().is_replayable);
  EXPECT_STREQ(reference_table().name, "reference");
}

}  // namespace
}  // namespace cohort::kernels
