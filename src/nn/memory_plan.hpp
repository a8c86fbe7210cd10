// Places blocks of memory that are needed for a while only, so that blocks never needed together share bytes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cohort::nn {

/// A block needed from step `first` to step `last`, both included.
struct Lifetime {
  std::int64_t bytes = 0;
  int first = 0;
  int last = 0;
};

struct MemoryPlan {
  std::vector<std::int64_t> offsets;  ///< one per block, multiples of 64
  std::int64_t bytes = 0;             ///< where the last block ends
};

/// Gives every block a place; blocks whose lifetimes overlap never share a byte.
///
/// Ensures  a pure function of its argument.
/// Cost     a few dozen times the square of the number of blocks.
MemoryPlan plan_memory(std::span<const Lifetime> blocks);

/// The most bytes needed at any one step: no plan can be smaller.
std::int64_t busiest_step_bytes(std::span<const Lifetime> blocks);

}  // namespace cohort::nn
