// Analytic gradients against central differences, in double, for every parameter of small networks with odd
// shapes.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "cohort/core/exact_math.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/kernels/softmax.hpp"
#include "support/worse_error.hpp"
#include "unit/nn/tiny_networks.hpp"

namespace cohort::nn::tiny {
namespace {

// At this step and tolerance double leaves a factor of 20 on networks of this size; a wrong kernel misses by
// far.
constexpr double kStep = 1e-5, kTolerance = 1e-6, kFloor = 1e-3;

/// The scalar that is differentiated: its value, and its gradient in the network's d_logits.
using Loss = std::function<double(Network<double>&, int classes)>;

/// A random linear function of the logits, so that every output counts.
double projection(Network<double>& network, int classes) {
  RandomSequence random(31, Stream::test_inputs, 0);
  double sum = 0;
  const std::span<const double> logits = network.logits();
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const bool is_padding = static_cast<int>(i % 16) >= classes;  // no test has more than 16 classes
    const double weight = is_padding ? 0 : random.normal();
    network.d_logits()[i] = weight;
    sum += weight * logits[i];
  }
  return sum;
}

struct Check {
  Subject<double> subject;
  Network<double> network;
  Loss loss;

  Check(const Model& model, int images, Loss of, std::uint64_t seed)
      : subject(make_subject<double>(model, seed)),
        network(model, subject.layout, kernels::reference_table(), images, Purpose::training),
        loss(std::move(of)) {
    fill_images(model, network.input(), images);
  }

  double evaluate() {
    network.forward(subject.parameters);
    return loss(network, subject.model.classes);
  }

  void run() {
    evaluate();
    const std::vector<double> gradient = flat_gradient(network, subject);
    const std::vector<float> mask = parameter_mask(subject.layout);
    for (const Tensor& tensor : subject.layout.parameters) {
      double worst = 0;
      for (std::int64_t at = tensor.offset; at < tensor.offset + tensor.count; ++at) {
        const auto i = static_cast<std::size_t>(at);
        if (mask[i] == 0) {
          EXPECT_TRUE(gradient[i] == 0 && !std::signbit(gradient[i])) << tensor.name << " padding " << i;
          continue;
        }
        const double numeric = difference(i);
        const double scale = std::max({std::abs(numeric), std::abs(gradient[i]), kFloor});
        const double error = std::abs(gradient[i] - numeric) / scale;
        worst = tests::worse_error(worst, error);
      }
      EXPECT_LE(worst, kTolerance) << tensor.name;
    }
  }

  double difference(std::size_t i) {
    const double kept = subject.parameters[i];
    subject.parameters[i] = kept + kStep;
    const double above = evaluate();
    subject.parameters[i] = kept - kStep;
    const double below = evaluate();
    subject.parameters[i] = kept;
    return (above - below) / (2 * kStep);
  }
};

void expect_exact_gradients(const Model& model, int images, const Loss& loss = projection,
                            std::uint64_t seed = 0) {
  check_model(model);
  Check(model, images, loss, seed).run();
}

TEST(Gradient, OfConvolutions) {
  ModelBuilder builder("convolutions", "", 3, {3, 8, 5});
  int value = builder.convolution("thin", 0, 5, {3, 2, 1});
  value = builder.convolution("wide", value, 18, {2, 1, 0});
  value = builder.convolution("blocks", value, 17, {3, 2, 2});
  value = builder.global_average_pool("avgpool", value);
  builder.linear("fc", value, 3);
  expect_exact_gradients(builder.finish(), 2);
}

TEST(Gradient, OfConvolutionsWithOblongWindows) {
  ModelBuilder builder("oblong", "", 3, {5, 6, 4});
  const int value = builder.convolution("one", 0, 6, {3, 1, 1});
  builder.global_average_pool("avgpool", builder.convolution("two", value, 4, {3, 1, 1}));
  builder.linear("fc", 3, 3);
  Model model = builder.finish();
  model.nodes[0].kernel_height = 1;  // 1x3, then 3x1; the maps keep their size
  model.nodes[0].pad_height = 0;
  model.nodes[1].kernel_width = 1;
  model.nodes[1].pad_width = 0;
  expect_exact_gradients(model, 3);
}

TEST(Gradient, OfLinearLayers) {
  ModelBuilder builder("linear", "", 4, {3, 1, 1});
  builder.linear("fc2", builder.linear("fc1", 0, 20), 4);
  expect_exact_gradients(builder.finish(), 3);
}

TEST(Gradient, OfBatchNorm) {
  ModelBuilder builder("batch-norm", "", 3, {4, 5, 3});
  int value = builder.batch_norm("bn1", builder.convolution("conv1", 0, 6, {3, 1, 1}), false);
  value = builder.batch_norm("bn2", builder.convolution("conv2", value, 18, {3, 2, 1}), true);
  builder.linear("fc", builder.global_average_pool("avgpool", value), 3);
  expect_exact_gradients(builder.finish(), 2);
}

TEST(Gradient, OfBatchNormWithResidual) {
  ModelBuilder builder("residual", "", 3, {2, 4, 5});
  const int skip = builder.convolution("conv1", 0, 6, {3, 1, 1});
  int value = builder.batch_norm("bn", builder.convolution("conv2", skip, 6, {3, 1, 1}), true, skip);
  builder.linear("fc", builder.global_average_pool("avgpool", value), 3);
  expect_exact_gradients(builder.finish(), 2);
}

TEST(Gradient, OfMaxPool) {
  ModelBuilder builder("max-pool", "", 3, {3, 7, 6});
  int value = builder.max_pool("pool1", builder.convolution("conv1", 0, 5, {3, 1, 1}), {3, 2, 1});
  value = builder.max_pool("pool2", builder.convolution("conv2", value, 17, {2, 1, 1}), {2, 1, 0});
  builder.linear("fc", builder.global_average_pool("avgpool", value), 3);
  expect_exact_gradients(builder.finish(), 2);
}

TEST(Gradient, OfAveragePool) {
  ModelBuilder builder("average-pool", "", 3, {3, 7, 6});
  const int value = builder.max_pool("pool", builder.convolution("conv1", 0, 5, {3, 1, 1}), {3, 2, 1});
  builder.linear(
      "fc", builder.global_average_pool("avgpool", builder.convolution("conv2", value, 6, {1, 1, 0})), 3);
  Model model = builder.finish();
  model.nodes[1].op = Op::average_pool;  // windows that overlap and hang over the edge
  expect_exact_gradients(model, 2);
}

/// Values read by several nodes, so that each kind of node is once a later contributor: a convolution (which
/// adds in place), a batch norm's input and residual, and both pools (which go through spare memory).
Model branching() {
  ModelBuilder builder("branching", "", 3, {3, 6, 5});
  const int trunk = builder.convolution("conv1", 0, 6, {3, 1, 1});
  int value = builder.batch_norm("bn1", trunk, true);  // the trunk's fifth contributor
  value = builder.convolution("conv2", value, 6, {3, 1, 1});
  value = builder.batch_norm("bn2", value, true, trunk);           // fourth: as residual
  const int maxima = builder.max_pool("pool1", trunk, {3, 1, 1});  // third
  Model model;
  const int means = builder.max_pool("pool2", trunk, {3, 1, 1});  // second; becomes an average
  value = builder.batch_norm("bn3", builder.convolution("conv3", value, 6, {3, 1, 1}), true, maxima);
  value = builder.batch_norm("bn4", builder.convolution("conv4", value, 6, {1, 1, 0}), false, means);
  value = builder.batch_norm("bn5", builder.convolution("conv5", trunk, 6, {1, 1, 0}), true, value);  // first
  builder.linear("fc", builder.global_average_pool("avgpool", value), 3);
  model = builder.finish();
  for (Node& node : model.nodes) {
    if (node.name == "pool2") node.op = Op::average_pool;
  }
  return model;
}

TEST(Gradient, OfValuesReadSeveralTimes) {
  expect_exact_gradients(branching(), 2);
}

TEST(Gradient, OfAValueThatIsItsOwnResidual) {
  ModelBuilder builder("own-residual", "", 2, {3, 4, 3});
  const int value = builder.convolution("conv1", 0, 4, {3, 1, 1});
  builder.linear("fc", builder.global_average_pool("avgpool", builder.batch_norm("bn", value, true, value)),
                 2);
  expect_exact_gradients(builder.finish(), 2);
}

TEST(Gradient, OfAResidualNetworkUnderCrossEntropy) {
  const Model model = tiny_resnet({3, 6, 5}, 5, 7, 4);
  const Loss loss = [](Network<double>& network, int classes) {
    const std::vector<std::int32_t> labels{2, 0, 3};
    const std::vector<double> weights{0.5, 0.2, 0.3};
    return kernels::cross_entropy<double>({.classes = classes, .label_smoothing = 0.1}, network.logits(),
                                          labels, weights, network.d_logits());
  };
  expect_exact_gradients(model, 3, loss);
}

}  // namespace
}  // namespace cohort::nn::tiny
