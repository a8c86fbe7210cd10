// A network in float against double, BLAS and itself on other instruction sets.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "cohort/core/exact_math.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/nn/network.hpp"
#include "support/worse_error.hpp"
#include "unit/nn/network_pass.hpp"

namespace cohort::nn::tiny {
namespace {

/// Largest difference, relative to the largest value.
double distance(const std::vector<float>& actual, const std::vector<double>& expected) {
  double worst = 0, scale = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    worst = tests::worse_error(worst, std::abs(static_cast<double>(actual[i]) - expected[i]));
    scale = std::max(scale, std::abs(expected[i]));
  }
  return worst / scale;
}

constexpr int kImages = 4;

/// Terms of every sum on the way through the network, one rounding each: a convolution's or linear layer's
/// chain, a pool's window, and a batch norm's two sums over all pixels of the batch with the operations that
/// apply them. Backward (`back`) chains run over the destination's channels, and weights sum over the batch.
double roundings(const Model& model, bool back) {
  double count = 0;
  for (const Node& node : model.nodes) {
    const Shape shape = model.values[static_cast<std::size_t>(back ? node.output : node.input)];
    const double pixels = double{kImages} * shape.height * shape.width;
    const double taps = double(node.kernel_height) * node.kernel_width;
    if (node.op == Op::batch_norm)
      count += 2 * pixels + 5;
    else if (node.op == Op::max_pool || node.op == Op::average_pool)
      count += taps;
    else
      count += shape.channels * taps + (back ? pixels : 0);
  }
  return count;
}

/// Bound on an error relative to a tensor's largest value after `count` roundings.
///
/// Each rounding is off by at most u = 2^-24 of a partial sum, and partial sums of such tensors are about as
/// large as their largest value. Signs of rounding errors are as good as independent, so n of them add up to
/// less than lambda * sqrt(n) * u with probability 1 - 2 n exp(-lambda^2 / 2) (Higham and Mary, SIAM J. Sci.
/// Comput. 41, 2019, theorem 3.1); lambda = 6 leaves less than one in a thousand for some thousands.
double rounding_bound(double count) {
  return 6 * exact::sqrt(count) * 0x1p-24;
}

struct Bounds {
  double forward = rounding_bound(roundings(kModel, false));
  double backward = rounding_bound(roundings(kModel, false) + roundings(kModel, true));
};

template <typename Expected>
void expect_close(const StateLayout& layout, const Pass<float>& pass, const Expected& expected, double runs) {
  const Bounds bounds;
  const auto widened = [](const auto& values) { return std::vector<double>(values.begin(), values.end()); };
  EXPECT_LT(distance(pass.logits, widened(expected.logits)), runs * bounds.forward);
  EXPECT_LT(distance(pass.statistics, widened(expected.statistics)), runs * bounds.forward);
  for (const Tensor& tensor : layout.parameters) {
    const auto cut = [&](const auto& flat) {
      return std::vector(flat.begin() + tensor.offset, flat.begin() + tensor.offset + tensor.count);
    };
    EXPECT_LT(distance(cut(pass.gradient), widened(cut(expected.gradient))), runs * bounds.backward)
        << tensor.name;
  }
}

TEST(Distance, IsInfiniteForWhatIsNotANumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::vector<float>& actual : {std::vector<float>{nan, 2}, {1, nan}})
    EXPECT_EQ(distance(actual, {1, 2}), std::numeric_limits<double>::infinity());
  EXPECT_EQ(distance({1, 3}, {1, 2}), 0.5);
}

TEST(Network, AgreesInFloatWithDouble) {
  const auto precise = make_subject<double>(kModel);
  auto reference = network_for(precise, kernels::reference_table(), kImages, Purpose::training);
  const Pass<double> expected = run_pass(reference, precise);
  const auto subject = make_subject<float>(kModel);
  auto network = network_for(subject, kernels::exact_table("auto"), kImages, Purpose::training);
  expect_close(subject.layout, run_pass(network, subject), expected, 1);
}

TEST(Network, AgreesOnExactKernelsWithBlas) {
  const auto subject = make_subject<float>(kModel);
  auto exact = network_for(subject, kernels::exact_table("auto"), kImages, Purpose::training);
  auto blas = network_for(subject, kernels::blas_table(), kImages, Purpose::training);
  const Pass<float> expected = run_pass(exact, subject);
  expect_close(subject.layout, run_pass(blas, subject), expected, 2);  // both round
}

TEST(Network, HasTheSameBitsOnEveryInstructionSet) {
  const auto subject = make_subject<float>(kModel);
  auto scalar = network_for(subject, kernels::exact_table("scalar"), 3, Purpose::training);
  const Pass<float> expected = run_pass(scalar, subject);
  for (const kernels::Isa isa : kernels::available_isas()) {
    auto network = network_for(subject, kernels::exact_table(isa), 3, Purpose::training);
    const Pass<float> pass = run_pass(network, subject);
    EXPECT_EQ(bits(pass.logits), bits(expected.logits)) << kernels::name_of(isa);
    EXPECT_EQ(bits(pass.statistics), bits(expected.statistics)) << kernels::name_of(isa);
    EXPECT_EQ(bits(pass.gradient), bits(expected.gradient)) << kernels::name_of(isa);
  }
}

}  // namespace
}  // namespace cohort::nn::tiny
