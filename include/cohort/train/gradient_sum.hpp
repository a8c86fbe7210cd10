// Sums over micro-batches in 64-bit integers, so that order and partition of the work cannot matter.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "cohort/core/aligned_buffer.hpp"
#include "cohort/kernels/table.hpp"
#include "cohort/nn/state_layout.hpp"

namespace cohort::train {

/// Adds floats, each as a fixed-point integer of value * 2^scale_bits, from any number of threads.
class ExactSum {
 public:
  /// `count` sums of zero; `table` must outlive this.
  ExactSum(std::int64_t count, int scale_bits, const kernels::Table<float>& table);
  /// Sets part `index` of `count` to zero; by all callers' agreement, between steps. Part 0 also forgets
  /// rejections.
  void clear(int index, int count);
  /// Adds `values` to the elements from `offset` on. Thread-safe: locks run over pieces of the buffer.
  void add(std::int64_t offset, std::span<const float> values);
  /// The integers themselves, to be reduced across ranks.
  [[nodiscard]] std::span<std::int64_t> sums() { return sums_.span(); }
  /// Values that were not finite or out of range since clear.
  [[nodiscard]] std::int64_t rejected() const { return rejected_.load(); }
  /// Binary digits after the point.
  [[nodiscard]] int scale_bits() const { return scale_bits_; }

 private:
  const kernels::Table<float>* table_;
  int scale_bits_;
  AlignedBuffer<std::int64_t> sums_;
  std::vector<std::mutex> locks_;
  std::atomic<std::int64_t> rejected_{0};
};

/// The one gradient accumulator of a rank, as large as the flat parameter buffer.
class GradientSum : public ExactSum {
 public:
  GradientSum(const nn::StateLayout& layout, const kernels::Table<float>& table);
  using ExactSum::add;
  /// Adds one tensor's gradient.
  void add(const nn::Tensor& tensor, std::span<const float> gradient);
};

}  // namespace cohort::train
