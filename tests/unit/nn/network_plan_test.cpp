// The arena of known networks against sums made by hand.
#include "nn/network_plan.hpp"

#include <gtest/gtest.h>

#include "cohort/nn/state_layout.hpp"

namespace cohort::nn {
namespace {

constexpr std::int64_t kScratch = 1 << 20;

/// A table that only says how much scratch it needs.
kernels::Table<float> table_for_planning() {
  kernels::Table<float> table{};
  table.conv_scratch_bytes = [](const kernels::ConvShape&) { return static_cast<std::size_t>(kScratch); };
  return table;
}

NetworkPlan plan(const Model& model, int images, Purpose purpose) {
  return plan_network(model, layout_state(model), table_for_planning(), images, purpose);
}

const Model kResnet = build_model({.name = "resnet18", .stem = "cifar", .classes = 7, .input = {3, 28, 28}});

TEST(NetworkPlan, OfResnet18IsTheSumMadeByHand) {
  // Bytes of one value in each stage: 32 images, float.
  const std::int64_t stage1 = 32 * 64 * 28 * 28 * 4, stage2 = stage1 / 2, stage3 = stage1 / 4;
  const std::int64_t stage4 = 32 * 512 * 4 * 4 * 4;
  // Each convolution and batch norm keeps one value; the projections' batch norms (one in stages 2 to 4) do
  // not.
  const std::int64_t kept = 10 * stage1 + 9 * stage2 + 9 * stage3 + 7 * stage4;
  // The busiest step is the backward of the last block's conv2, when bn2 and its source (2 of stage 4) are
  // dead: gradients of conv2, bn1 and the block's input, and of conv2's weight.
  const std::int64_t gradients = 3 * stage4 + 512 * 512 * 9 * 4;
  const std::int64_t channels = 5 * 64 + 5 * 128 + 5 * 256 + 5 * 512;
  const std::int64_t inverse_deviations = 4 * (channels - 512);
  const std::int64_t input = 32 * 28 * 28 * 3 * 4, logits = 32 * 16 * 4, statistics = 4 * 2 * channels;
  const NetworkPlan training = plan(kResnet, 32, Purpose::training);
  EXPECT_EQ(training.bytes,
            kept + gradients + inverse_deviations + input + 2 * logits + statistics + kScratch);
  EXPECT_EQ(training.bytes, busiest_step_bytes(training.lifetimes));
}

TEST(NetworkPlan, OfInferenceHoldsThreeValuesOfTheWidestStage) {
  const std::int64_t stage1 = 32 * 64 * 28 * 28 * 4;
  const NetworkPlan inference = plan(kResnet, 32, Purpose::inference);
  // A block's input, and conv2's and bn2's outputs; bn1's is dead by then.
  EXPECT_EQ(inference.bytes, 3 * stage1 + 32 * 28 * 28 * 3 * 4 + 32 * 16 * 4 + 64 * 4 + kScratch);
}

TEST(NetworkPlan, IsWhatANetworkAllocates) {
  const Model model = build_model({.name = "cnn-small", .stem = "", .classes = 2, .input = {3, 24, 20}});
  for (const Purpose purpose : {Purpose::training, Purpose::inference}) {
    const Network<float> network(model, layout_state(model), table_for_planning(), 3, purpose);
    EXPECT_EQ(network.arena_bytes(), planned_arena_bytes(model, table_for_planning(), 3, purpose));
  }
}

TEST(NetworkPlan, OfDoubleTakesTwiceTheMemory) {
  kernels::Table<double> table{};
  table.conv_scratch_bytes = [](const kernels::ConvShape&) { return std::size_t{0}; };
  kernels::Table<float> single{};
  single.conv_scratch_bytes = table.conv_scratch_bytes;
  const StateLayout layout = layout_state(kResnet);
  EXPECT_EQ(plan_network(kResnet, layout, table, 4, Purpose::training).bytes,
            2 * plan_network(kResnet, layout, single, 4, Purpose::training).bytes);
}

TEST(NetworkPlan, WastesAtMostAFiftiethOnTheFamilies) {
  for (const std::string& name : model_names()) {
    for (const auto& [stem, side] : {std::pair{"imagenet", 64}, {"cifar", 28}, {"imagenet", 224}}) {
      const Model model = build_model({.name = name, .stem = stem, .classes = 7, .input = {3, side, side}});
      for (const Purpose purpose : {Purpose::training, Purpose::inference}) {
        const NetworkPlan planned = plan(model, 16, purpose);
        EXPECT_LE(planned.bytes, busiest_step_bytes(planned.lifetimes) * 51 / 50)
            << name << " " << stem << " " << side;
      }
    }
  }
}

TEST(NetworkPlan, AsksForTheMostScratchOfAnyImageCount) {
  kernels::Table<float> table{};
  table.conv_scratch_bytes = [](const kernels::ConvShape& shape) {
    return static_cast<std::size_t>(shape.images == 2 ? 4096 : 64);
  };
  const NetworkPlan planned = plan_network(kResnet, layout_state(kResnet), table, 3, Purpose::inference);
  EXPECT_EQ(planned.scratch_bytes, 4096u);
}

}  // namespace
}  // namespace cohort::nn
