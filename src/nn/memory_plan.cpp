#include "nn/memory_plan.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace cohort::nn {
namespace {

std::int64_t aligned(std::int64_t bytes) {
  return (bytes + 63) / 64 * 64;
}

bool overlap(const Lifetime& a, const Lifetime& b) {
  return a.first <= b.last && b.first <= a.last;
}

/// Places the blocks one after another, each into the lowest gap that is wide enough between the blocks
/// already placed for the same time.
MemoryPlan place_in_order(std::span<const Lifetime> blocks, std::span<const std::size_t> order) {
  MemoryPlan plan;
  plan.offsets.assign(blocks.size(), 0);
  std::vector<std::size_t> placed;  // by offset
  for (const std::size_t index : order) {
    const std::int64_t bytes = aligned(blocks[index].bytes);
    std::int64_t at = 0;
    for (const std::size_t other : placed) {
      if (!overlap(blocks[index], blocks[other])) continue;
      if (plan.offsets[other] >= at + bytes) break;
      at = std::max(at, plan.offsets[other] + aligned(blocks[other].bytes));
    }
    plan.offsets[index] = at;
    plan.bytes = std::max(plan.bytes, at + bytes);
    const auto position =
        std::upper_bound(placed.begin(), placed.end(), at,
                         [&](std::int64_t offset, std::size_t b) { return offset < plan.offsets[b]; });
    placed.insert(position, index);
  }
  return plan;
}

/// The block that ends highest.
std::size_t highest(std::span<const Lifetime> blocks, const MemoryPlan& plan) {
  std::size_t best = 0;
  for (std::size_t index = 1; index < blocks.size(); ++index) {
    const bool is_higher =
        plan.offsets[index] + blocks[index].bytes > plan.offsets[best] + blocks[best].bytes;
    if (is_higher) best = index;
  }
  return best;
}

/// How often a plan that is not yet as small as possible is tried again; the families then waste at most 2 %,
/// and most of them nothing.
constexpr int kRepairs = 40;

}  // namespace

/// Greedy by size (Pisarchyk and Lee, 2020, "Efficient memory management for deep neural net inference"),
/// then repaired: the block that ends highest found no gap low enough, so in the next try it chooses first.
MemoryPlan plan_memory(std::span<const Lifetime> blocks) {
  const std::int64_t bound = busiest_step_bytes(blocks);
  std::vector<std::size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return blocks[a].bytes > blocks[b].bytes; });
  MemoryPlan best = place_in_order(blocks, order);
  MemoryPlan plan = best;
  for (int repair = 0; repair < kRepairs && best.bytes > bound; ++repair) {
    const auto late = std::find(order.begin(), order.end(), highest(blocks, plan));
    std::rotate(order.begin(), late, late + 1);
    plan = place_in_order(blocks, order);
    if (plan.bytes < best.bytes) best = plan;
  }
  return best;
}

std::int64_t busiest_step_bytes(std::span<const Lifetime> blocks) {
  std::map<int, std::int64_t> changes;
  for (const Lifetime& block : blocks) {
    changes[block.first] += aligned(block.bytes);
    changes[block.last + 1] -= aligned(block.bytes);
  }
  std::int64_t live = 0, most = 0;
  for (const auto& [step, change] : changes) {
    live += change;
    most = std::max(most, live);
  }
  return most;
}

}  // namespace cohort::nn
