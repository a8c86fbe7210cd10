// The reference itself: forward passes against an independent statement or PyTorch, gradients against
// differences.
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "cohort/core/text.hpp"
#include "cohort/kernels/layout.hpp"
#include "unit/kernels/arrays.hpp"
#include "unit/kernels/gradient_check.hpp"

namespace cohort::kernels {
namespace {

using namespace testing;
using Buffer = AlignedBuffer<double>;

const Table<double>& kernels_under_test() {
  return reference_table();
}

// Unequal sides, stride 2, padding on one axis, one image, more than one block on either side, a thin source.
const ConvShape kConvolutions[] = {
    {.images = 2,
     .source_channels = 3,
     .height = 5,
     .width = 4,
     .destination_channels = 5,
     .kernel_height = 3,
     .kernel_width = 3,
     .stride = 2,
     .pad_height = 1,
     .pad_width = 1},
    {.images = 1,
     .source_channels = 17,
     .height = 4,
     .width = 3,
     .destination_channels = 2,
     .kernel_height = 1,
     .kernel_width = 2,
     .stride = 1,
     .pad_height = 0,
     .pad_width = 1},
    {.images = 2,
     .source_channels = 2,
     .height = 3,
     .width = 5,
     .destination_channels = 18,
     .kernel_height = 2,
     .kernel_width = 1,
     .stride = 3,
     .pad_height = 1,
     .pad_width = 0},
    {.images = 2,
     .source_channels = 3,
     .height = 4,
     .width = 6,
     .destination_channels = 3,
     .kernel_height = 3,
     .kernel_width = 2,
     .stride = 1,
     .pad_height = 1,
     .pad_width = 1,
     .thin_source = true},
    {.images = 3, .source_channels = 6, .height = 1, .width = 1, .destination_channels = 4},
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

/// A small batch-norm problem. Shifted outputs keep clear of the ReLU's kink.
struct BatchNorm {
  MapShape shape{2, 3, 3, 2};
  bool relu = false, has_residual = false;
  Buffer src = uniform_maps<double>(shape, 1, -2, 2), residual = uniform_maps<double>(shape, 2);
  Buffer gamma = uniform_channels<double>(3, 3, 0.5, 1.5), beta = uniform_channels<double>(3, 4);
  Buffer direction = uniform_maps<double>(shape, 5);
  Buffer dst = unwritten<double>(shape.count()), d_src = unwritten<double>(shape.count());
  Buffer d_residual = unwritten<double>(shape.count());
  Buffer mean = unwritten<double>(16), inverse_std = unwritten<double>(16), variance = unwritten<double>(16);
  Buffer d_gamma = unwritten<double>(16), d_beta = unwritten<double>(16);

  BatchNormArguments<double> arguments() {
    return {.src = src.data(),
            .residual = has_residual ? residual.data() : nullptr,
            .gamma = gamma.data(),
            .beta = beta.data(),
            .dst = dst.data(),
            .mean = mean.data(),
            .inverse_std = inverse_std.data(),
            .variance = variance.data(),
            .relu = relu};
  }
  double value() {
    kernels_under_test().batch_norm_forward(shape, arguments(), {});
    return project(dst.span(), direction.span());
  }
  void backward() {
    value();
    const BatchNormGradients<double> gradients{.d_dst = direction.data(),
                                               .dst = dst.data(),
                                               .d_src = d_src.data(),
                                               .d_residual = has_residual ? d_residual.data() : nullptr,
                                               .d_gamma = d_gamma.data(),
                                               .d_beta = d_beta.data()};
    kernels_under_test().batch_norm_backward(shape, arguments(), gradients, {});
  }
};

TEST(ReferenceBatchNorm, HasTheGradientsOfItsForwardPass) {
  const auto is_padding = [](std::size_t i) { return i % 16 >= 3; };
  for (const int variant : {0, 1, 2, 3}) {
    SCOPED_TRACE(concat("variant ", variant));
    BatchNorm problem;
    problem.relu = variant & 1;
    problem.has_residual = variant & 2;
    problem.backward();
    for (const double output : problem.dst.span()) EXPECT_TRUE(output == 0 || std::fabs(output) > 1e-3);
    const auto value = [&] { return problem.value(); };
    EXPECT_TRUE(gradient_matches(problem.src.span(), problem.d_src.span(), value, is_padding));
    EXPECT_TRUE(gradient_matches(problem.gamma.span(), problem.d_gamma.span(), value, is_padding));
    EXPECT_TRUE(gradient_matches(problem.beta.span(), problem.d_beta.span(), value, is_padding));
    if (problem.has_residual) {
      EXPECT_TRUE(gradient_matches(problem.residual.span(), problem.d_residual.span(), value, is_padding));
    }
  }
}

/// ((a i + b) mod 17 - 8) / 8 over canonical [N][C][HW], blocked.
Buffer sequence_maps(const MapShape& shape, int a, int b) {
  Buffer maps(static_cast<std::size_t>(shape.count()));
  for (int i = 0; i < shape.images * shape.channels * shape.pixels(); ++i) {
    const int pixels = static_cast<int>(shape.pixels());
    maps[blocked_index(shape, i / pixels / shape.channels, i / pixels % shape.channels, i % pixels)] =
        ((i * a + b) % 17 - 8) / 8.0;
  }
  return maps;
}

// torch.relu(batch_norm(x) + residual) and its gradients by PyTorch 1.13 in double, first image and channels.
TEST(ReferenceBatchNorm, AgreesWithPyTorch) {
  BatchNorm problem;
  problem.shape = {2, 3, 2, 3};
  problem.relu = problem.has_residual = true;
  problem.src = sequence_maps(problem.shape, 7, 1);
  problem.residual = sequence_maps(problem.shape, 3, 2);
  problem.direction = sequence_maps(problem.shape, 5, 4);
  const std::array gamma = {1.5, -0.5, 0.75}, beta = {0.1, 0.2, -0.3};
  std::copy(gamma.begin(), gamma.end(), problem.gamma.data());
  std::copy(beta.begin(), beta.end(), problem.beta.data());
  problem.backward();
  const std::array mean = {-0.020833333333333332, 0.09375, -0.14583333333333334};
  const std::array variance = {0.3830492424242424, 0.42933238636363635, 0.3830492424242424};
  const std::array d_gamma = {2.0479317763987726, 1.5504269882088293, 1.0019923712852363};
  const std::array d_beta = {1.25, 1.625, 1.5};
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(problem.mean[c], mean[c], 1e-14);
    EXPECT_NEAR(problem.variance[c], variance[c], 1e-14);
    EXPECT_NEAR(problem.d_gamma[c], d_gamma[c], 1e-13);
    EXPECT_NEAR(problem.d_beta[c], d_beta[c], 1e-13);
  }
  const std::array y = {0.0, 0.0, 2.3676669455402717, 0.0, 2.168411014848995, 0.0};
  const std::array d_x = {0.35903333427138767,   -0.27887038680494997, 0.9817377535012655,
                          -0.005483077772233792, -0.9598054424123303,  0.2679042312604823};
  const std::array d_r = {0.0, 0.0, 0.75, 0.0, -0.125, 0.0};
  for (std::size_t pixel = 0; pixel < 6; ++pixel) {
    EXPECT_NEAR(problem.dst[pixel * 16], y[pixel], 1e-13);
    EXPECT_NEAR(problem.d_src[pixel * 16], d_x[pixel], 1e-13);
    EXPECT_EQ(problem.d_residual[pixel * 16], d_r[pixel]);
  }
}

TEST(ReferencePooling, HasTheGradientsOfItsForwardPass) {
  const PoolShape shape{.images = 2,
                        .channels = 3,
                        .height = 5,
                        .width = 4,
                        .kernel_height = 3,
                        .kernel_width = 2,
                        .stride = 2,
                        .pad_height = 1,
                        .pad_width = 1};
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
