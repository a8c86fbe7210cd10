// The one gradient accumulator of a rank: 64-bit integers, so that order and partition of the work cannot matter.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "cohort/core/aligned_buffer.hpp"
#include "cohort/kernels/table.hpp"
#include "cohort/nn/state_layout.hpp"

namespace cohort::train {

/// Sums gradients of micro-batches from any number of threads.
class GradientSum {
 public:
  GradientSum(const nn::StateLayout& layout, const kernels::Table<float>& table);
  /// Sets everything to zero (by all callers' agreement, between steps); part `index` of `count`.
  void clear(int index, int count);
  /// Adds one tensor's gradient. Thread-safe: locks run over pieces of the buffer.
  void add(const nn::Tensor& tensor, std::span<const float> gradient);
  [[nodiscard]] std::span<std::int64_t> sums() { return sums_.span(); }
  /// Values that were not finite or out of range since clear.
  [[nodiscard]] std::int64_t rejected() const { return rejected_.load(); }

 private:
  const kernels::Table<float>* table_;
  AlignedBuffer<std::int64_t> sums_;
  std::vector<std::mutex> locks_;
  std::atomic<std::int64_t> rejected_{0};
};

}  // namespace cohort::train
