#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "cohort/core/exact_math.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/nn/model.hpp"
#include "cohort/nn/state_layout.hpp"

namespace cohort::nn {
namespace {

struct Initial {
  StateLayout layout;
  std::vector<float> parameters, statistics;
};

Initial make(const ModelOptions& options, std::uint64_t seed) {
  Initial initial;
  initial.layout = layout_state(build_model(options));
  initial.parameters.assign(static_cast<std::size_t>(initial.layout.parameter_count), 9.0f);
  initial.statistics.assign(static_cast<std::size_t>(initial.layout.statistic_count), 9.0f);
  initialise(initial.layout, seed, initial.parameters, initial.statistics);
  return initial;
}

std::vector<float> tensor(const Initial& initial, const std::string& name) {
  for (const Tensor& each : initial.layout.parameters) {
    if (each.name == name) return to_canonical(each, initial.parameters);
  }
  for (const Tensor& each : initial.layout.statistics) {
    if (each.name == name) return to_canonical(each, initial.statistics);
  }
  ADD_FAILURE() << "no tensor " << name;
  return {};
}

struct Moments {
  double mean = 0, deviation = 0, kurtosis = 0;
};
Moments moments(const std::vector<float>& values) {
  Moments result;
  const auto n = static_cast<double>(values.size());
  for (const float value : values) result.mean += value / n;
  double second = 0, fourth = 0;
  for (const float value : values) {
    const double square = (value - result.mean) * (value - result.mean);
    second += square / n;
    fourth += square * square / n;
  }
  result.deviation = std::sqrt(second);
  result.kurtosis = fourth / (second * second);
  return result;
}

const ModelOptions kResnet{.name = "resnet18", .stem = "imagenet", .classes = 100, .input = {3, 32, 32}};

TEST(Initialise, DrawsConvolutionsFromTheKaimingNormal) {
  const Initial initial = make(kResnet, 5);
  // Fan-out: destination channels times window.
  for (const auto& [name, fan_out] : {std::pair{"conv1.weight", 64 * 49},
                                      {"layer2.0.downsample.0.weight", 128},
                                      {"layer3.1.conv2.weight", 256 * 9}}) {
    const std::vector<float> values = tensor(initial, name);
    const auto n = static_cast<double>(values.size());
    const double deviation = std::sqrt(2.0 / fan_out);
    const Moments found = moments(values);
    EXPECT_LT(std::abs(found.mean), 5 * deviation / std::sqrt(n)) << name;
    EXPECT_LT(std::abs(found.deviation / deviation - 1), 5 / std::sqrt(2 * n)) << name;
    EXPECT_LT(std::abs(found.kurtosis - 3), 5 * std::sqrt(24 / n)) << name;
  }
}

TEST(Initialise, DrawsTheLinearLayerUniformly) {
  const Initial initial = make(kResnet, 5);
  const float bound = 1 / std::sqrt(512.0f);
  const std::vector<float> weight = tensor(initial, "fc.weight");
  const Moments found = moments(weight);
  EXPECT_NEAR(found.mean, 0, 5 * bound / std::sqrt(3.0 * 51200));
  EXPECT_NEAR(found.deviation, bound / std::sqrt(3.0), 0.01 * bound);
  EXPECT_NEAR(found.kurtosis, 1.8, 0.05);
  for (const std::vector<float>& values : {weight, tensor(initial, "fc.bias")}) {
    for (const float value : values) EXPECT_LE(std::abs(value), bound);
    EXPECT_GT(*std::max_element(values.begin(), values.end()), 0.9f * bound);
    EXPECT_LT(*std::min_element(values.begin(), values.end()), -0.9f * bound);
  }
}

TEST(Initialise, StartsBatchNormAsTheIdentity) {
  const Initial initial = make(kResnet, 5);
  EXPECT_EQ(tensor(initial, "bn1.weight"), std::vector<float>(64, 1.0f));
  EXPECT_EQ(tensor(initial, "bn1.bias"), std::vector<float>(64, 0.0f));
  EXPECT_EQ(tensor(initial, "layer4.1.bn2.running_mean"), std::vector<float>(512, 0.0f));
  EXPECT_EQ(tensor(initial, "layer4.1.bn2.running_var"), std::vector<float>(512, 1.0f));
}

TEST(Initialise, LeavesPaddingAtZero) {
  const Initial initial = make({.name = "cnn-small", .stem = "", .classes = 3, .input = {5, 16, 16}}, 5);
  std::int64_t zeros = std::count(initial.parameters.begin(), initial.parameters.end(), 0.0f);
  zeros -= 32 + 32 + 64 + 64 + 128;  // beta
  EXPECT_EQ(zeros, initial.layout.parameter_count - initial.layout.trainable_count());
}

TEST(Initialise, GivesElementIOfTensorTNumberIOfItsOwnSequence) {
  const Initial initial = make(kResnet, 77);
  const std::vector<float> values = tensor(initial, "layer1.0.conv1.weight");  // the fourth tensor
  RandomSequence random(77, Stream::initial_weights, 3);
  const double deviation = exact::sqrt(2.0 / (64 * 9));
  for (const float value : values) ASSERT_EQ(value, static_cast<float>(random.normal() * deviation));
}

TEST(Initialise, DependsOnTheSeed) {
  const ModelOptions small{.name = "cnn-small", .stem = "", .classes = 2, .input = {3, 16, 16}};
  EXPECT_EQ(make(small, 1).parameters, make(small, 1).parameters);
  EXPECT_NE(make(small, 1).parameters, make(small, 2).parameters);
}

TEST(Initialise, KeepsItsBits) {
  // Part of numerics_version 1: a change here makes every golden digest another.
  const Initial initial = make({.name = "cnn-small", .stem = "", .classes = 2, .input = {3, 64, 64}}, 1);
  Sha256 hash;
  update_digest(hash, initial.layout.parameters, initial.parameters);
  update_digest(hash, initial.layout.statistics, initial.statistics);
  EXPECT_EQ(to_hex(hash.finish()), "063c9e632855f14c8dd1f5e845dff38a3a1cc55d9ab16718595e92da74fa28c6");
}

}  // namespace
}  // namespace cohort::nn
