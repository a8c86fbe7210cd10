#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cohort/core/text.hpp"
#include "unit/kernels/arrays.hpp"

namespace cohort::kernels {
namespace {

using namespace testing;

/// Inputs and outputs of one problem; outputs start unwritten.
template <typename T>
struct Problem {
  MapShape shape;
  bool relu, has_residual;
  AlignedBuffer<T> src, residual, gamma, beta, d_dst;
  AlignedBuffer<T> dst, mean, inverse_std, variance, d_src, d_residual, d_gamma, d_beta;

  Problem(const MapShape& of, bool with_relu, bool with_residual, double offset = 0)
      : shape(of), relu(with_relu), has_residual(with_residual) {
    src = uniform_maps<T>(shape, 1, offset - 1, offset + 2);
    residual = uniform_maps<T>(shape, 2);
    gamma = uniform_channels<T>(shape.channels, 3, 0.5, 1.5);
    beta = uniform_channels<T>(shape.channels, 4);
    d_dst = uniform_maps<T>(shape, 5);
    reset();
  }
  void reset() {
    for (auto* maps : {&dst, &d_src, &d_residual}) *maps = unwritten<T>(shape.count());
    for (auto* channels : {&mean, &inverse_std, &variance, &d_gamma, &d_beta}) {
      *channels = unwritten<T>(padded(shape.channels));
    }
  }
  BatchNormArguments<T> arguments() {
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
  BatchNormGradients<T> gradients() {
    return {.d_dst = d_dst.data(),
            .dst = dst.data(),
            .d_src = d_src.data(),
            .d_residual = has_residual ? d_residual.data() : nullptr,
            .d_gamma = d_gamma.data(),
            .d_beta = d_beta.data()};
  }
  void run(const Table<T>& table, int parts = 1) {
    reset();
    run_parts(parts, [&](Part part) { table.batch_norm_forward(shape, arguments(), part); });
    run_parts(parts, [&](Part part) { table.batch_norm_backward(shape, arguments(), gradients(), part); });
  }
};

void expect_same(const Problem<float>& expected, const Problem<float>& actual) {
  EXPECT_TRUE(same_bits(expected.dst, actual.dst));
  EXPECT_TRUE(same_bits(expected.mean, actual.mean));
  EXPECT_TRUE(same_bits(expected.inverse_std, actual.inverse_std));
  EXPECT_TRUE(same_bits(expected.variance, actual.variance));
  EXPECT_TRUE(same_bits(expected.d_src, actual.d_src));
  EXPECT_TRUE(same_bits(expected.d_residual, actual.d_residual));
  EXPECT_TRUE(same_bits(expected.d_gamma, actual.d_gamma));
  EXPECT_TRUE(same_bits(expected.d_beta, actual.d_beta));
}

// One pixel; odd sizes with padding lanes; the edges of a 256-pixel chunk; three chunks of unequal size.
const MapShape kShapes[] = {{1, 3, 1, 1},   {5, 17, 3, 7},   {2, 33, 5, 1},   {3, 16, 15, 17}, {2, 5, 16, 16},
                            {1, 7, 1, 257}, {2, 40, 19, 27}, {1, 16, 23, 23}, {4, 50, 2, 3}};

TEST(BatchNorm, HasTheSameBitsOnEveryInstructionSetAndPartition) {
  for (const MapShape& shape : kShapes) {
    for (const int variant : {0, 1, 2, 3}) {
      Problem<float> expected(shape, variant & 1, variant & 2), actual(shape, variant & 1, variant & 2);
      expected.run(exact_table(Isa::scalar));
      for (const Table<float>* table : exact_tables()) {
        for (const int parts : partitions()) {
          SCOPED_TRACE(
              concat(table->name, " channels ", shape.channels, " parts ", parts, " variant ", variant));
          actual.run(*table, parts);
          expect_same(expected, actual);
        }
      }
    }
  }
}

/// Σ over at most 256 pixels as docs/numerics.md writes it: four chains, folded (0+1)+(2+3).
template <typename Term>
float chunk_sum(int pixels, Term add) {
  float chain[4] = {};
  for (int p = 0; p < pixels; ++p) chain[p % 4] = add(chain[p % 4], p);
  return (chain[0] + chain[1]) + (chain[2] + chain[3]);
}

TEST(BatchNorm, TakesStatisticsInTheDocumentedOrder) {
  for (const MapShape& shape : kShapes) {
    Problem<float> problem(shape, false, false, 3);
    problem.run(exact_table("auto"));
    const std::int64_t chunks = (shape.pixels() + 255) / 256;
    const double count = shape.images * static_cast<double>(shape.pixels());
    for (int channel = 0; channel < shape.channels; ++channel) {
      double origin = 0, first = 0, second = 0;
      for (int n = 0; n < shape.images; ++n) {
        for (std::int64_t c = 0; c < chunks; ++c) {
          const std::int64_t begin = shape.pixels() * c / chunks, end = shape.pixels() * (c + 1) / chunks;
          const int pixels = static_cast<int>(end - begin);
          const auto x = [&](int p) { return problem.src[blocked_index(shape, n, channel, begin + p)]; };
          const float sum = chunk_sum(pixels, [&](float chain, int p) { return chain + x(p); });
          const float centre = sum * (1.0f / static_cast<float>(pixels));
          const float residue =
              chunk_sum(pixels, [&](float chain, int p) { return chain + (x(p) - centre); });
          const float squares = chunk_sum(
              pixels, [&](float chain, int p) { return std::fma(x(p) - centre, x(p) - centre, chain); });
          if (n == 0 && c == 0) origin = centre;
          const double offset = centre - origin, moved = pixels * offset;
          first += moved + residue;
          second += squares + offset * (2 * static_cast<double>(residue) + moved);
        }
      }
      const double shift = first / count, raw = second - first * shift, squares = raw < 0 ? 0 : raw;
      const auto i = static_cast<std::size_t>(channel);
      EXPECT_EQ(problem.mean[i], static_cast<float>(origin + shift));
      EXPECT_EQ(problem.variance[i], static_cast<float>(count > 1 ? squares / (count - 1) : squares));
      EXPECT_EQ(problem.inverse_std[i],
                static_cast<float>(1 / std::sqrt(squares / count + static_cast<double>(1e-5f))));
    }
  }
}

TEST(BatchNorm, AgreesWithTheDoubleReference) {
  for (const MapShape& shape : kShapes) {
    for (const int variant : {0, 1, 2, 3}) {
      Problem<float> problem(shape, variant & 1, variant & 2);
      Problem<double> reference(shape, variant & 1, variant & 2);
      reference.src = widened(problem.src);
      reference.residual = widened(problem.residual);
      reference.gamma = widened(problem.gamma);
      reference.beta = widened(problem.beta);
      reference.d_dst = widened(problem.d_dst);
      problem.run(exact_table("auto"));
      reference.run(reference_table());
      // A chunk's chain is at most 64 long; 1 / std reaches about 3 (316 for a single value, whose d_src
      // cancels).
      const double tolerance = 64 * 6e-8, amplified = tolerance * reference.inverse_std[0];
      SCOPED_TRACE(concat("channels ", shape.channels, " height ", shape.height, " variant ", variant));
      EXPECT_TRUE(near(reference.mean, problem.mean, tolerance));
      EXPECT_TRUE(near(reference.variance, problem.variance, tolerance));
      EXPECT_TRUE(near(reference.inverse_std, problem.inverse_std, tolerance));
      EXPECT_TRUE(near(reference.dst, problem.dst, amplified));
      const double count = shape.images * static_cast<double>(shape.pixels());
      EXPECT_TRUE(near(reference.d_beta, problem.d_beta, tolerance * std::sqrt(count)));
      EXPECT_TRUE(near(reference.d_gamma, problem.d_gamma, amplified * std::sqrt(count)));
      EXPECT_TRUE(near(reference.d_src, problem.d_src, amplified * 2));
      if (variant & 2) {
        EXPECT_TRUE(near(reference.d_residual, problem.d_residual, 0));
      }
    }
  }
}

TEST(BatchNorm, KeepsASmallVarianceBesideALargeMean) {
  const MapShape shape{4, 16, 20, 20};
  Problem<float> problem(shape, false, false, 1000);
  Problem<double> reference(shape, false, false, 1000);
  reference.src = widened(problem.src);
  problem.run(exact_table("auto"));
  reference.run(reference_table());
  for (std::size_t c = 0; c < 16; ++c) {
    EXPECT_NEAR(problem.variance[c] / reference.variance[c], 1, 1e-6);
    EXPECT_NEAR(problem.mean[c] / reference.mean[c], 1, 1e-7);
  }
}

TEST(BatchNorm, OfASingleValueIsBeta) {
  for (const Table<float>* table : exact_tables()) {
    Problem<float> problem({1, 3, 1, 1}, false, false);
    problem.run(*table);
    for (std::size_t c = 0; c < 3; ++c) {
      EXPECT_EQ(problem.mean[c], problem.src[c]);
      EXPECT_EQ(problem.variance[c], 0);
      EXPECT_EQ(problem.dst[c], problem.beta[c]);
      EXPECT_EQ(problem.d_src[c], 0);
      EXPECT_EQ(problem.d_gamma[c], 0);
      EXPECT_EQ(problem.d_beta[c], problem.d_dst[c]);
    }
  }
}

TEST(BatchNorm, LeavesPaddingLanesPositiveZero) {
  const AlignedBuffer<float> zeros(16);
  for (const Table<float>* table : exact_tables()) {
    Problem<float> problem({3, 1, 2, 2}, true, true);
    problem.run(*table);
    for (const auto* maps : {&problem.dst, &problem.d_src, &problem.d_residual}) {
      for (std::size_t i = 0; i < maps->size(); i += 16) {
        EXPECT_TRUE(same_bits(zeros.span().subspan(1), maps->span().subspan(i + 1, 15)));
      }
    }
    for (const auto* channels : {&problem.mean, &problem.variance, &problem.d_gamma, &problem.d_beta}) {
      EXPECT_TRUE(same_bits(zeros.span().subspan(1), channels->span().subspan(1)));
    }
  }
}

TEST(BatchNorm, KeepsANanInItsChannel) {
  const MapShape shape{2, 20, 3, 3};
  for (const float poison :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Problem<float> clean(shape, true, false), poisoned(shape, true, false);
    clean.run(exact_table("auto"));
    poisoned.src[blocked_index(shape, 1, 18, 4)] = poison;
    poisoned.run(exact_table("auto"));
    for (int n = 0; n < shape.images; ++n) {
      for (int pixel = 0; pixel < 9; ++pixel) {
        EXPECT_TRUE(std::isnan(poisoned.dst[blocked_index(shape, n, 18, pixel)]));
        for (const int other : {0, 17, 19}) {
          const std::size_t i = blocked_index(shape, n, other, pixel);
          EXPECT_EQ(poisoned.dst[i], clean.dst[i]);
          EXPECT_EQ(poisoned.d_src[i], clean.d_src[i]);
        }
      }
    }
  }
}

TEST(BatchNorm, MayOverwriteItsGradient) {
  const MapShape shape{3, 20, 17, 16};
  for (const bool with_residual : {false, true}) {
    Problem<float> separate(shape, true, with_residual), shared(shape, true, with_residual);
    separate.run(exact_table("auto"));
    const Table<float>& table = exact_table("auto");
    table.batch_norm_forward(shape, shared.arguments(), {});
    BatchNormGradients<float> gradients = shared.gradients();
    if (with_residual) {
      gradients.d_residual = shared.d_dst.data();
    } else {
      gradients.d_src = shared.d_dst.data();
    }
    table.batch_norm_backward(shape, shared.arguments(), gradients, {});
    EXPECT_TRUE(same_bits(with_residual ? separate.d_residual : separate.d_src, shared.d_dst));
    if (with_residual) {
      EXPECT_TRUE(same_bits(separate.d_src, shared.d_src));
    }
  }
}

TEST(BatchNorm, InferenceUsesTheGivenStatistics) {
  for (const MapShape& shape : kShapes) {
    Problem<float> expected(shape, true, true);
    expected.mean = uniform_channels<float>(shape.channels, 6);
    expected.variance = uniform_channels<float>(shape.channels, 7, 0.1, 2);
    exact_table(Isa::scalar).batch_norm_inference(shape, expected.arguments(), {});
    for (int channel = 0; channel < shape.channels; ++channel) {
      const auto c = static_cast<std::size_t>(channel);
      const auto inverse_std = static_cast<float>(
          1 / std::sqrt(static_cast<double>(expected.variance[c]) + static_cast<double>(1e-5f)));
      const std::size_t i = blocked_index(shape, shape.images - 1, channel, shape.pixels() - 1);
      const float value =
          std::fma(expected.src[i] - expected.mean[c], expected.gamma[c] * inverse_std, expected.beta[c]) +
          expected.residual[i];
      EXPECT_EQ(expected.dst[i], value <= 0 ? 0 : value);
    }
    Problem<float> actual(shape, true, true);
    actual.mean = copy_of(expected.mean);
    actual.variance = copy_of(expected.variance);
    for (const Table<float>* table : exact_tables()) {
      for (const int parts : partitions()) {
        actual.dst = unwritten<float>(shape.count());
        run_parts(parts, [&](Part part) { table->batch_norm_inference(shape, actual.arguments(), part); });
        EXPECT_TRUE(same_bits(expected.dst, actual.dst)) << table->name << " parts " << parts;
      }
    }
  }
}

}  // namespace
}  // namespace cohort::kernels
