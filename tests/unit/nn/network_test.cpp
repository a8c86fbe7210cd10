#include "cohort/nn/network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

#include "cohort/core/error.hpp"
#include "cohort/kernels/select.hpp"
#include "unit/nn/network_pass.hpp"

namespace cohort::nn::tiny {
namespace {

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
