#include "cohort/nn/network.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "cohort/core/error.hpp"
#include "cohort/core/exact_math.hpp"
#include "cohort/kernels/select.hpp"
#include "unit/nn/tiny_networks.hpp"

namespace cohort::nn::tiny {
namespace {

/// Bit patterns, so that -0 differs from +0 and NaN equals itself.
template <typename T>
std::vector<std::uint64_t> bits(std::span<const T> values) {
  std::vector<std::uint64_t> patterns;
  for (const T value : values) {
    if constexpr (sizeof(T) == 4) {
      patterns.push_back(std::bit_cast<std::uint32_t>(value));
    } else {
      patterns.push_back(std::bit_cast<std::uint64_t>(value));
    }
  }
  return patterns;
}
template <typename T>
std::vector<std::uint64_t> bits(const std::vector<T>& values) {
  return bits(std::span<const T>(values));
}

const Model kModel = tiny_resnet({3, 9, 7}, 19, 33, 5);

template <typename T>
Network<T> network_for(const Subject<T>& subject, const kernels::Table<T>& table, int images,
                       Purpose purpose) {
  return Network<T>(subject.model, subject.layout, table, images, purpose);
}

/// What one training pass makes: logits, batch statistics, gradients.
template <typename T>
struct Pass {
  std::vector<T> logits, statistics, gradient;
};

template <typename T>
Pass<T> run_pass(Network<T>& network, const Subject<T>& subject) {
  fill_images(subject.model, network.input(), network.images());
  network.forward(subject.parameters);
  Pass<T> pass;
  pass.logits.assign(network.logits().begin(), network.logits().end());
  pass.statistics.assign(network.batch_statistics().begin(), network.batch_statistics().end());
  const auto d_logits = network.d_logits();
  std::fill(d_logits.begin(), d_logits.end(), T(0));
  const auto stride = d_logits.size() / static_cast<std::size_t>(network.images());
  RandomSequence random(8, Stream::test_inputs, 1);
  for (std::size_t n = 0; n < static_cast<std::size_t>(network.images()); ++n) {
    for (int k = 0; k < subject.model.classes; ++k) {
      d_logits[n * stride + static_cast<std::size_t>(k)] = static_cast<T>(random.uniform(-1, 1));
    }
  }
  pass.gradient = flat_gradient(network, subject);
  return pass;
}

TEST(Network, GivesTheSameTwice) {
  const auto subject = make_subject<double>(kModel);
  auto network = network_for(subject, kernels::reference_table(), 3, Purpose::training);
  const Pass<double> first = run_pass(network, subject);
  const Pass<double> second = run_pass(network, subject);
  EXPECT_EQ(bits(first.logits), bits(second.logits));
  EXPECT_EQ(bits(first.statistics), bits(second.statistics));
  EXPECT_EQ(bits(first.gradient), bits(second.gradient));
}

TEST(Network, LeavesItsInputAsItWas) {
  const auto subject = make_subject<double>(kModel);
  auto network = network_for(subject, kernels::reference_table(), 2, Purpose::training);
  run_pass(network, subject);
  const std::vector<double> after(network.input().begin(), network.input().end());
  fill_images(kModel, network.input(), 2);
  EXPECT_TRUE(std::equal(after.begin(), after.end(), network.input().begin()));
}

TEST(Network, HandsOutEachGradientOnceLastNodeFirst) {
  const auto subject = make_subject<double>(kModel);
  auto network = network_for(subject, kernels::reference_table(), 2, Purpose::training);
  fill_images(kModel, network.input(), 2);
  network.forward(subject.parameters);
  std::vector<std::string> names;
  network.backward(subject.parameters, [&](const Tensor& tensor, std::span<const double> gradient) {
    names.push_back(tensor.name);
    EXPECT_EQ(gradient.size(), static_cast<std::size_t>(tensor.count)) << tensor.name;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(gradient.data()) % 64, 0u) << tensor.name;
  });
  EXPECT_EQ(names.front(), "fc.bias");
  EXPECT_EQ(names.back(), "conv1.weight");
  std::vector<std::string> expected;
  for (const Tensor& tensor : subject.layout.parameters) expected.push_back(tensor.name);
  std::sort(names.begin(), names.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(names, expected);
}

TEST(Network, ReportsBatchStatisticsOfTheFirstLayer) {
  const auto subject = make_subject<double>(kModel);
  const int images = 2;
  auto network = network_for(subject, kernels::reference_table(), images, Purpose::training);
  const Pass<double> pass = run_pass(network, subject);
  // The first convolution by hand, channel 18 (in the second block).
  const kernels::ConvShape shape = conv_shape(kModel, kModel.nodes[0], images);
  std::vector<double> maps(static_cast<std::size_t>(shape.destination_count()));
  kernels::reference_table().conv_forward(shape, network.input().data(), subject.parameters.data(),
                                          maps.data(), {}, {});
  std::vector<double> values;
  for (int n = 0; n < images; ++n) {
    for (int pixel = 0; pixel < 63; ++pixel) {
      values.push_back(maps[static_cast<std::size_t>(((n * 2 + 1) * 63 + pixel) * 16 + 2)]);
    }
  }
  double mean = 0, variance = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  for (const double value : values) {
    variance += (value - mean) * (value - mean) / static_cast<double>(values.size() - 1);
  }
  EXPECT_NEAR(pass.statistics[18], mean, 1e-12);
  EXPECT_NEAR(pass.statistics[32 + 18], variance, 1e-12);
  EXPECT_EQ(pass.statistics[19], 0.0);
}

/// Logits of `count` images, of which image n is random image `first` + n.
template <typename T>
std::vector<std::vector<std::uint64_t>> inferred(Network<T>& network, const Subject<T>& subject, int count,
                                                 std::uint64_t first) {
  fill_images(subject.model, network.input(), network.images(), first);
  network.infer(subject.parameters, subject.statistics, count);
  std::vector<std::vector<std::uint64_t>> samples;
  const auto stride = network.logits().size() / static_cast<std::size_t>(network.images());
  for (std::size_t n = 0; n < static_cast<std::size_t>(count); ++n) {
    samples.push_back(bits(network.logits().subspan(n * stride, stride)));
  }
  return samples;
}

template <typename T>
void expect_independent_samples(const kernels::Table<T>& table) {
  const auto subject = make_subject<T>(kModel);
  auto seven = network_for(subject, table, 7, Purpose::inference);
  const auto reference = inferred(seven, subject, 7, 0);
  EXPECT_NE(reference[0], reference[1]);
  // The same images at other positions, beside other neighbours, fewer at once, in networks of other sizes.
  const auto shifted = inferred(seven, subject, 7, 3);
  const auto fewer = inferred(seven, subject, 2, 3);
  auto single = network_for(subject, table, 1, Purpose::inference);
  auto training = network_for(subject, table, 4, Purpose::training);
  const auto trained = inferred(training, subject, 4, 2);
  for (std::size_t n = 3; n < 7; ++n) {
    EXPECT_EQ(shifted[n - 3], reference[n]) << n;
    EXPECT_EQ(inferred(single, subject, 1, n)[0], reference[n]) << n;
  }
  EXPECT_EQ(fewer[1], reference[4]);
  EXPECT_EQ(trained[3], reference[5]);
}

TEST(Inference, GivesEachSampleItsOwnLogitsInDouble) {
  expect_independent_samples(kernels::reference_table());
}

TEST(Inference, GivesEachSampleItsOwnLogitsInFloat) {
  expect_independent_samples(kernels::exact_table("auto"));
}

TEST(Inference, UsesRunningStatistics) {
  auto subject = make_subject<double>(kModel);
  auto network = network_for(subject, kernels::reference_table(), 3, Purpose::training);
  // With the batch's own mean and biased variance as running statistics, inference repeats the training pass.
  const Pass<double> pass = run_pass(network, subject);
  subject.statistics = pass.statistics;
  for (const Tensor& tensor : subject.layout.statistics) {
    if (tensor.role != TensorRole::running_variance) continue;
    const double values = tensor.name.starts_with("layer2") ? 3 * 5 * 4 : 3 * 9 * 7;
    for (std::int64_t i = tensor.offset; i < tensor.offset + tensor.count; ++i) {
      subject.statistics[static_cast<std::size_t>(i)] *= (values - 1) / values;
    }
  }
  network.infer(subject.parameters, subject.statistics, 3);
  for (std::size_t i = 0; i < pass.logits.size(); ++i)
    EXPECT_NEAR(network.logits()[i], pass.logits[i], 1e-11);
}

TEST(Inference, KeepsTheStatisticsOfTheLastTrainingPass) {
  const auto subject = make_subject<double>(kModel);
  auto network = network_for(subject, kernels::reference_table(), 2, Purpose::training);
  const Pass<double> pass = run_pass(network, subject);
  network.infer(subject.parameters, subject.statistics, 2);
  const auto statistics = network.batch_statistics();
  EXPECT_EQ(bits(std::vector<double>(statistics.begin(), statistics.end())), bits(pass.statistics));
}

/// Largest difference, relative to the largest value.
double distance(const std::vector<float>& actual, const std::vector<double>& expected) {
  double worst = 0, scale = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(actual[i]) - expected[i]));
    scale = std::max(scale, std::abs(expected[i]));
  }
  return worst / scale;
}

TEST(Network, AgreesInFloatWithDouble) {
  const auto precise = make_subject<double>(kModel);
  auto reference = network_for(precise, kernels::reference_table(), 4, Purpose::training);
  const Pass<double> expected = run_pass(reference, precise);
  const auto subject = make_subject<float>(kModel);
  auto network = network_for(subject, kernels::exact_table("auto"), 4, Purpose::training);
  const Pass<float> pass = run_pass(network, subject);
  // Sums of up to 33 * 9 terms through eight layers: some hundred roundings of 6e-8 each, mostly cancelling.
  EXPECT_LT(distance(pass.logits, expected.logits), 1e-5);
  EXPECT_LT(distance(pass.statistics, expected.statistics), 1e-5);
  for (const Tensor& tensor : subject.layout.parameters) {
    const auto cut = [&](const auto& flat) {
      return std::vector(flat.begin() + tensor.offset, flat.begin() + tensor.offset + tensor.count);
    };
    EXPECT_LT(distance(cut(pass.gradient), cut(expected.gradient)), 1e-4) << tensor.name;
  }
}

TEST(Network, AgreesOnExactKernelsWithBlas) {
  const auto subject = make_subject<float>(kModel);
  auto exact = network_for(subject, kernels::exact_table("auto"), 4, Purpose::training);
  auto blas = network_for(subject, kernels::blas_table(), 4, Purpose::training);
  const Pass<float> expected = run_pass(exact, subject), pass = run_pass(blas, subject);
  const auto widened = [](const std::vector<float>& values) {
    return std::vector<double>(values.begin(), values.end());
  };
  EXPECT_LT(distance(pass.logits, widened(expected.logits)), 1e-5);
  EXPECT_LT(distance(pass.gradient, widened(expected.gradient)), 1e-4);
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

TEST(Network, KeepsPaddingLanesAtPlusZero) {
  const auto subject = make_subject<float>(kModel);
  auto network = network_for(subject, kernels::exact_table("auto"), 3, Purpose::training);
  const Pass<float> pass = run_pass(network, subject);
  const std::vector<float> mask = parameter_mask(subject.layout);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] == 0) {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(pass.gradient[i]), 0u) << i;
    }
  }
  for (std::size_t i = 0; i < pass.logits.size(); ++i) {
    if (i % 16 >= 5) {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(pass.logits[i]), 0u) << i;
    }
  }
}

TEST(Network, RefusesPassesOutOfOrder) {
  const auto subject = make_subject<double>(kModel);
  const auto sink = [](const Tensor&, std::span<const double>) {};
  auto network = network_for(subject, kernels::reference_table(), 2, Purpose::training);
  EXPECT_THROW(network.backward(subject.parameters, sink), std::logic_error);
  network.forward(subject.parameters);
  network.backward(subject.parameters, sink);
  EXPECT_THROW(network.backward(subject.parameters, sink), std::logic_error);
  network.forward(subject.parameters);
  network.infer(subject.parameters, subject.statistics, 1);
  EXPECT_THROW(network.backward(subject.parameters, sink), std::logic_error);
  EXPECT_THROW(network.infer(subject.parameters, subject.statistics, 3), std::logic_error);
  EXPECT_THROW(network.infer(subject.parameters, subject.statistics, 0), std::logic_error);
  EXPECT_THROW(network.forward(std::span(subject.parameters).first(10)), std::logic_error);
}

TEST(Network, MadeForInferenceDoesNotTrain) {
  const auto subject = make_subject<double>(kModel);
  auto network = network_for(subject, kernels::reference_table(), 2, Purpose::inference);
  EXPECT_THROW(network.forward(subject.parameters), std::logic_error);
  EXPECT_THROW(static_cast<void>(network.d_logits()), std::logic_error);
  EXPECT_THROW(static_cast<void>(network.batch_statistics()), std::logic_error);
}

TEST(Network, RefusesAModelThatCannotRun) {
  auto subject = make_subject<double>(kModel);
  EXPECT_THROW(network_for(subject, kernels::reference_table(), 0, Purpose::training), UsageError);
  subject.model.nodes[3].kernel_width = 5;
  EXPECT_THROW(network_for(subject, kernels::reference_table(), 1, Purpose::training), UsageError);
}

}  // namespace
}  // namespace cohort::nn::tiny
