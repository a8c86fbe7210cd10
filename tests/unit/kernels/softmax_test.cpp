#include "cohort/kernels/softmax.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "unit/kernels/arrays.hpp"
#include "unit/kernels/gradient_check.hpp"

namespace cohort::kernels {
namespace {

using namespace testing;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Three samples of four classes, 3 ((7 i + 5) mod 17 - 8) / 8; NaN in the padding lanes, which nobody may
/// read.
template <typename T>
AlignedBuffer<T> sample_logits() {
  AlignedBuffer<T> logits = unwritten<T>(3 * 16);
  for (int i = 0; i < 12; ++i) {
    logits[static_cast<std::size_t>(i / 4 * 16 + i % 4)] = static_cast<T>((i * 7 + 5) % 17 - 8) / T(8) * T(3);
  }
  return logits;
}
const std::array<std::int32_t, 3> kLabels = {2, 0, 3};
const std::array<double, 3> kWeights = {0.2, 0.5, 0.3};

// Expected values from PyTorch 1.13 in double.
TEST(CrossEntropy, AgreesWithPyTorch) {
  const AlignedBuffer<double> logits = sample_logits<double>();
  AlignedBuffer<double> d_logits = unwritten<double>(48);
  const double plain =
      cross_entropy<double>({.classes = 4}, logits.span(), kLabels, kWeights, d_logits.span());
  EXPECT_NEAR(plain, 1.0513129265267798, 1e-14);
  const double smooth = cross_entropy<double>({.classes = 4, .label_smoothing = 0.1}, logits.span(), kLabels,
                                              kWeights, d_logits.span());
  EXPECT_NEAR(smooth, 1.2060004265267799, 1e-14);
  const std::array expected = {0.005198401890924969,  0.1357845954826007,    -0.18168906366299917,
                               0.04070606628947349,   -0.09371548701812571,  -0.003827019548060192,
                               0.10722680206311287,   -0.009684295496927007, 0.04395921803745409,
                               -0.006289795188246195, 0.009206362104190766,  -0.04687578495339862};
  for (std::size_t i = 0; i < 12; ++i) EXPECT_NEAR(d_logits[i / 4 * 16 + i % 4], expected[i], 1e-15);
}

TEST(CrossEntropy, HasTheGradientOfItsLoss) {
  for (const double smoothing : {0.0, 0.1, 1.0}) {
    const CrossEntropy problem{.classes = 19, .label_smoothing = smoothing};
    AlignedBuffer<double> logits = uniform<double>(3 * 32, 1, -4, 4), d_logits = unwritten<double>(3 * 32);
    AlignedBuffer<double> unused = unwritten<double>(3 * 32);
    const std::array<std::int32_t, 3> labels = {18, 0, 7};
    cross_entropy<double>(problem, logits.span(), labels, kWeights, d_logits.span());
    EXPECT_TRUE(gradient_matches(logits.span(), d_logits.span(), [&] {
      return cross_entropy<double>(problem, logits.span(), labels, kWeights, unused.span());
    })) << smoothing;
  }
}

TEST(CrossEntropy, IgnoresAndClearsPaddingLanes) {
  const AlignedBuffer<float> logits = sample_logits<float>(), zeros(12);
  AlignedBuffer<float> d_logits = unwritten<float>(48);
  const double loss = cross_entropy<float>({.classes = 4, .label_smoothing = 0.1}, logits.span(), kLabels,
                                           kWeights, d_logits.span());
  EXPECT_NEAR(loss, 1.2060004265267799, 1e-7);
  for (std::size_t n = 0; n < 3; ++n) {
    EXPECT_TRUE(same_bits<float>(zeros.span(), d_logits.span().subspan(n * 16 + 4, 12)));
  }
}

TEST(CrossEntropy, TreatsEachSampleAlone) {
  const CrossEntropy problem{.classes = 4, .label_smoothing = 0.1};
  const AlignedBuffer<float> logits = sample_logits<float>();
  AlignedBuffer<float> together = unwritten<float>(48), alone = unwritten<float>(48);
  const double loss = cross_entropy<float>(problem, logits.span(), kLabels, kWeights, together.span());
  double sum = 0;
  for (std::size_t n = 0; n < 3; ++n) {
    sum += cross_entropy<float>(problem, logits.span().subspan(n * 16, 16), std::span(kLabels).subspan(n, 1),
                                std::span(kWeights).subspan(n, 1), alone.span().subspan(n * 16, 16));
  }
  EXPECT_EQ(loss, sum);
  EXPECT_TRUE(same_bits(together, alone));
}

TEST(CrossEntropy, StaysFiniteForLargeLogits) {
  AlignedBuffer<float> logits(16), d_logits(16);
  logits[0] = 3e38f;
  logits[1] = -3e38f;
  logits[2] = -std::numeric_limits<float>::infinity();
  const std::array<std::int32_t, 1> label = {0};
  const std::array<double, 1> weight = {1};
  EXPECT_EQ(cross_entropy<float>({.classes = 3}, logits.span(), label, weight, d_logits.span()), 0);
  EXPECT_EQ(d_logits[0], 0);
  EXPECT_EQ(d_logits[2], 0);
}

TEST(CrossEntropy, LetsNanThrough) {
  for (const std::size_t at : {std::size_t{0}, std::size_t{2}}) {
    AlignedBuffer<double> logits(16), d_logits(16);
    logits[at] = kNan;
    const std::array<std::int32_t, 1> label = {1};
    const std::array<double, 1> weight = {1};
    EXPECT_TRUE(
        std::isnan(cross_entropy<double>({.classes = 3}, logits.span(), label, weight, d_logits.span())));
    for (std::size_t k = 0; k < 3; ++k) EXPECT_TRUE(std::isnan(d_logits[k]));
    EXPECT_EQ(d_logits[3], 0);
  }
}

TEST(CrossEntropy, RefusesWhatDoesNotFit) {
  AlignedBuffer<float> logits(16), d_logits(16), short_gradient(8);
  const std::array<std::int32_t, 1> good = {1}, high = {3}, negative = {-1};
  const std::array<double, 1> weight = {1};
  const auto run = [&](std::span<const std::int32_t> labels, std::span<const double> weights,
                       std::span<float> to) {
    return cross_entropy<float>({.classes = 3}, logits.span(), labels, weights, to);
  };
  EXPECT_NO_THROW(run(good, weight, d_logits.span()));
  EXPECT_THROW(run(high, weight, d_logits.span()), std::logic_error);
  EXPECT_THROW(run(negative, weight, d_logits.span()), std::logic_error);
  EXPECT_THROW(run(good, {}, d_logits.span()), std::logic_error);
  EXPECT_THROW(run(good, weight, short_gradient.span()), std::logic_error);
}

TEST(Softmax, SumsToOneAndKeepsOrder) {
  const AlignedBuffer<double> logits = uniform<double>(5 * 1008, 2, -20, 20);
  std::array<double, 5 * 1000> probabilities;
  probabilities.fill(kNan);
  softmax<double>(1000, logits.span(), probabilities);
  for (std::size_t n = 0; n < 5; ++n) {
    double sum = 0;
    for (std::size_t k = 0; k < 1000; ++k) sum += probabilities[n * 1000 + k];
    EXPECT_NEAR(sum, 1, 1e-12);
    EXPECT_EQ(logits[n * 1008] < logits[n * 1008 + 999],
              probabilities[n * 1000] < probabilities[n * 1000 + 999]);
    EXPECT_NEAR(std::log(probabilities[n * 1000] / probabilities[n * 1000 + 1]),
                logits[n * 1008] - logits[n * 1008 + 1], 1e-12);
  }
}

}  // namespace
}  // namespace cohort::kernels
