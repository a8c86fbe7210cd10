#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cohort/core/text.hpp"
#include "unit/kernels/batch_norm_problem.hpp"

namespace cohort::kernels {
namespace {

using namespace testing;

void expect_same(const BatchNormProblem<float>& expected, const BatchNormProblem<float>& actual) {
  EXPECT_TRUE(same_bits(expected.dst, actual.dst));
  EXPECT_TRUE(same_bits(expected.mean, actual.mean));
  EXPECT_TRUE(same_bits(expected.inverse_std, actual.inverse_std));
  EXPECT_TRUE(same_bits(expected.variance, actual.variance));
  EXPECT_TRUE(same_bits(expected.d_src, actual.d_src));
  EXPECT_TRUE(same_bits(expected.d_residual, actual.d_residual));
  EXPECT_TRUE(same_bits(expected.d_gamma, actual.d_gamma));
  EXPECT_TRUE(same_bits(expected.d_beta, actual.d_beta));
}

TEST(BatchNorm, HasTheSameBitsOnEveryInstructionSetAndPartition) {
  for (const MapShape& shape : kBatchNormShapes) {
    for (const int variant : {0, 1, 2, 3}) {
      BatchNormProblem<float> expected(shape, variant & 1, variant & 2),
          actual(shape, variant & 1, variant & 2);
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

TEST(BatchNorm, AgreesWithTheDoubleReference) {
  for (const MapShape& shape : kBatchNormShapes) {
    for (const int variant : {0, 1, 2, 3}) {
      BatchNormProblem<float> problem(shape, variant & 1, variant & 2);
      BatchNormProblem<double> reference(shape, variant & 1, variant & 2);
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
  BatchNormProblem<float> problem(shape, false, false, 1000);
  BatchNormProblem<double> reference(shape, false, false, 1000);
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
    BatchNormProblem<float> problem({1, 3, 1, 1}, false, false);
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
    BatchNormProblem<float> problem({3, 1, 2, 2}, true, true);
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
    BatchNormProblem<float> clean(shape, true, false), poisoned(shape, true, false);
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

TEST(BatchNorm, MayOverwriteItsInputs) {
  const MapShape shape{3, 20, 17, 16};
  for (const bool with_residual : {false, true}) {
    BatchNormProblem<float> separate(shape, true, with_residual), shared(shape, true, with_residual);
    separate.run(exact_table("auto"));
    const Table<float>& table = exact_table("auto");
    table.batch_norm_forward(shape, shared.arguments(), {});
    BatchNormGradients<float> gradients = shared.gradients();
    if (with_residual) {
      gradients.d_residual = shared.d_dst.data();
      gradients.d_src = shared.src.data();
    } else {
      gradients.d_src = shared.d_dst.data();
    }
    table.batch_norm_backward(shape, shared.arguments(), gradients, {});
    EXPECT_TRUE(same_bits(with_residual ? separate.d_residual : separate.d_src, shared.d_dst));
    if (with_residual) {
      EXPECT_TRUE(same_bits(separate.d_src, shared.src));
    }
  }
}

TEST(BatchNorm, InferenceUsesTheGivenStatistics) {
  for (const MapShape& shape : kBatchNormShapes) {
    BatchNormProblem<float> expected(shape, true, true);
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
    BatchNormProblem<float> actual(shape, true, true);
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
