#include "nn/memory_plan.hpp"

#include <gtest/gtest.h>

#include "cohort/core/philox.hpp"

namespace cohort::nn {
namespace {

void expect_apart(const std::vector<Lifetime>& blocks, const MemoryPlan& plan) {
  for (std::size_t a = 0; a < blocks.size(); ++a) {
    EXPECT_EQ(plan.offsets[a] % 64, 0);
    EXPECT_GE(plan.offsets[a], 0);
    EXPECT_LE(plan.offsets[a] + blocks[a].bytes, plan.bytes);
    for (std::size_t b = a + 1; b < blocks.size(); ++b) {
      if (blocks[a].last < blocks[b].first || blocks[b].last < blocks[a].first) continue;
      const bool apart = plan.offsets[a] + blocks[a].bytes <= plan.offsets[b] ||
                         plan.offsets[b] + blocks[b].bytes <= plan.offsets[a];
      EXPECT_TRUE(apart) << "blocks " << a << " and " << b;
    }
  }
}

TEST(MemoryPlan, ReusesTheBytesOfDeadBlocks) {
  const std::vector<Lifetime> blocks{{1000, 0, 1}, {1000, 1, 2}, {1000, 2, 3}, {1000, 3, 4}};
  const MemoryPlan plan = plan_memory(blocks);
  expect_apart(blocks, plan);
  EXPECT_EQ(plan.bytes, 2048);
}

TEST(MemoryPlan, NeverOverlapsLivingBlocks) {
  for (std::uint64_t trial = 0; trial < 50; ++trial) {
    RandomSequence random(11, Stream::test_inputs, trial);
    std::vector<Lifetime> blocks(40);
    for (Lifetime& block : blocks) {
      block.bytes = static_cast<std::int64_t>(random.below(5000));
      block.first = static_cast<int>(random.below(30));
      block.last = block.first + static_cast<int>(random.below(15));
    }
    const MemoryPlan plan = plan_memory(blocks);
    expect_apart(blocks, plan);
    EXPECT_GE(plan.bytes, busiest_step_bytes(blocks));
    EXPECT_LE(plan.bytes, busiest_step_bytes(blocks) * 5 / 4);
    EXPECT_EQ(plan.offsets, plan_memory(blocks).offsets);
  }
}

TEST(MemoryPlan, PlacesNothingInNothing) {
  EXPECT_EQ(plan_memory({}).bytes, 0);
  EXPECT_EQ(busiest_step_bytes({}), 0);
}

TEST(BusiestStepBytes, AddsWhatLivesAtOnce) {
  const std::vector<Lifetime> blocks{{64, 0, 2}, {100, 2, 3}, {64, 3, 3}};
  EXPECT_EQ(busiest_step_bytes(blocks), 64 + 128);
}

}  // namespace
}  // namespace cohort::nn
