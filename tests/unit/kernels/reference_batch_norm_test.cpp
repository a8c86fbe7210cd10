// Batch normalisation of the reference: against PyTorch, and its gradients against differences.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "cohort/core/text.hpp"
#include "unit/kernels/batch_norm_problem.hpp"
#include "unit/kernels/gradient_check.hpp"

namespace cohort::kernels {
namespace {

using namespace testing;
using Buffer = AlignedBuffer<double>;

/// A small batch-norm problem with a number to differentiate: its output along d_dst.
struct BatchNorm : BatchNormProblem<double> {
  BatchNorm(const MapShape& of, bool with_relu, bool with_residual)
      : BatchNormProblem(of, with_relu, with_residual) {
    src = uniform_maps<double>(of, 1, -2, 2);
  }
  double value() {
    reference_table().batch_norm_forward(shape, arguments(), {});
    return project(dst.span(), d_dst.span());
  }
  void backward() {
    value();
    reference_table().batch_norm_backward(shape, arguments(), gradients(), {});
  }
};

TEST(ReferenceBatchNorm, HasTheGradientsOfItsForwardPass) {
  const auto is_padding = [](std::size_t i) { return i % 16 >= 3; };
  for (const int variant : {0, 1, 2, 3}) {
    SCOPED_TRACE(concat("variant ", variant));
    BatchNorm problem({2, 3, 3, 2}, variant & 1, variant & 2);
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
  BatchNorm problem({2, 3, 2, 3}, true, true);
  problem.src = sequence_maps(problem.shape, 7, 1);
  problem.residual = sequence_maps(problem.shape, 3, 2);
  problem.d_dst = sequence_maps(problem.shape, 5, 4);
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

}  // namespace
}  // namespace cohort::kernels
