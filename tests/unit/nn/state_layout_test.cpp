#include "cohort/nn/state_layout.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cohort/core/numerics.hpp"
#include "nn/model_builder.hpp"

namespace cohort::nn {
namespace {

/// Channels that fill no whole block anywhere.
Model odd_model() {
  ModelBuilder builder("odd", "", 5, {3, 7, 9});
  int value = builder.convolution("conv1", 0, 19, {3, 2, 1});
  value = builder.batch_norm("bn1", value, true);
  value = builder.convolution("conv2", value, 33, {3, 1, 1});
  value = builder.batch_norm("bn2", value, true);
  value = builder.global_average_pool("avgpool", value);
  builder.linear("fc", value, 5);
  return builder.finish();
}

std::vector<float> counted(std::int64_t count, float first) {
  std::vector<float> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), first);
  return values;
}

TEST(StateLayout, PacksTensorsInWholeBlocksWithoutGaps) {
  const StateLayout layout = layout_state(odd_model());
  std::int64_t end = 0;
  for (const Tensor& tensor : layout.parameters) {
    EXPECT_EQ(tensor.offset, end) << tensor.name;
    EXPECT_EQ(tensor.count % kLanes, 0) << tensor.name;
    EXPECT_GE(tensor.count, tensor.canonical_count()) << tensor.name;
    end += tensor.count;
  }
  EXPECT_EQ(end, layout.parameter_count);
  EXPECT_EQ(layout.statistic_count, 2 * (32 + 48));
  EXPECT_EQ(layout.parameters[0].count, 2 * 9 * 3 * kLanes);  // thin source: three source lanes
  EXPECT_EQ(layout.parameters[3].count, 3 * 2 * 9 * kLanes * kLanes);
}

TEST(StateLayout, DecaysWeightsOnly) {
  for (const Tensor& tensor : layout_state(odd_model()).parameters) {
    const bool is_weight = tensor.role == TensorRole::conv_weight || tensor.role == TensorRole::linear_weight;
    EXPECT_EQ(tensor.decays, is_weight) << tensor.name;
  }
}

TEST(StateLayout, StartsChunksAnewAtEachTensor) {
  const StateLayout layout = layout_state(odd_model());
  const std::vector<std::int64_t> boundaries = layout.chunk_boundaries();
  EXPECT_TRUE(std::is_sorted(boundaries.begin(), boundaries.end()));
  EXPECT_EQ(std::adjacent_find(boundaries.begin(), boundaries.end()), boundaries.end());
  EXPECT_EQ(boundaries.back(), layout.parameter_count);
  for (const Tensor& tensor : layout.parameters) {
    EXPECT_TRUE(std::binary_search(boundaries.begin(), boundaries.end(), tensor.offset)) << tensor.name;
  }
  for (std::size_t i = 1; i < boundaries.size(); ++i) {
    EXPECT_LE(boundaries[i] - boundaries[i - 1], kNormChunk);
  }
  // conv2.weight: 13,824 elements are three whole chunks and a rest.
  const Tensor& weight = layout.parameters[3];
  EXPECT_TRUE(std::binary_search(boundaries.begin(), boundaries.end(), weight.offset + 3 * kNormChunk));
}

TEST(StateLayout, CarriesEveryTensorThroughTheBlockedFormAndBack) {
  const StateLayout layout = layout_state(odd_model());
  std::vector<float> flat(static_cast<std::size_t>(layout.parameter_count), -1.0f);
  float first = 1;
  for (const Tensor& tensor : layout.parameters) {
    from_canonical(tensor, counted(tensor.canonical_count(), first), flat);
    first += 10'000;
  }
  first = 1;
  for (const Tensor& tensor : layout.parameters) {
    EXPECT_EQ(to_canonical(tensor, flat), counted(tensor.canonical_count(), first)) << tensor.name;
    first += 10'000;
  }
  // All values written are positive: what is left are the padding lanes.
  const auto padding = std::count(flat.begin(), flat.end(), 0.0f);
  EXPECT_EQ(padding, layout.parameter_count - layout.trainable_count());
  for (const float value : flat) EXPECT_FALSE(std::signbit(value));
}

TEST(StateLayout, RefusesBuffersOfAnotherSize) {
  const StateLayout layout = layout_state(odd_model());
  std::vector<float> flat(static_cast<std::size_t>(layout.parameter_count - 1));
  EXPECT_THROW(to_canonical(layout.parameters.back(), flat), std::logic_error);
  EXPECT_THROW(from_canonical(layout.parameters.front(), std::vector<float>(7), flat), std::logic_error);
}

Digest digest_of(const StateLayout& layout, std::span<const float> flat) {
  Sha256 hash;
  update_digest(hash, layout.parameters, flat);
  return hash.finish();
}

TEST(StateDigest, IgnoresPaddingAndNothingElse) {
  const StateLayout layout = layout_state(odd_model());
  std::vector<float> flat(static_cast<std::size_t>(layout.parameter_count));
  for (const Tensor& tensor : layout.parameters) {
    from_canonical(tensor, counted(tensor.canonical_count(), 1), flat);
  }
  const Digest digest = digest_of(layout, flat);
  for (float& value : flat) {
    if (value == 0) value = 7;
  }
  EXPECT_EQ(digest_of(layout, flat), digest);
  for (const Tensor& tensor : layout.parameters) {
    float& value = flat[static_cast<std::size_t>(tensor.offset)];
    value += 1;
    EXPECT_NE(digest_of(layout, flat), digest) << tensor.name;
    value -= 1;
  }
}

TEST(StateDigest, HashesNameRankExtentsAndValues) {
  ModelBuilder builder("one", "", 2, {1, 1, 1});
  builder.linear("fc", 0, 2);
  const StateLayout layout = layout_state(builder.finish());
  std::vector<float> flat(static_cast<std::size_t>(layout.parameter_count));
  from_canonical(layout.parameters[0], std::vector<float>{1, -2}, flat);
  from_canonical(layout.parameters[1], std::vector<float>{3, 4}, flat);
  Sha256 expected;
  expected.update_field("fc.weight").update_u64(2).update_u64(2).update_u64(1);
  const std::vector<float> weight{1, -2}, bias{3, 4};
  expected.update(std::as_bytes(std::span(weight)));
  expected.update_field("fc.bias").update_u64(1).update_u64(2).update(std::as_bytes(std::span(bias)));
  EXPECT_EQ(digest_of(layout, flat), expected.finish());
}

}  // namespace
}  // namespace cohort::nn
