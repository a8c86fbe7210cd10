// Batch norm's running means and variances, updated once per step from all micro-batches; whole on every
// rank.
#pragma once

#include <cstdint>
#include <span>

#include "cohort/core/aligned_buffer.hpp"
#include "cohort/kernels/table.hpp"
#include "cohort/train/options.hpp"

namespace cohort::train {

class RunningStatistics {
 public:
  RunningStatistics(std::int64_t count, const Recipe& recipe);

  /// Moves every value towards the mean of the micro-batches' values, then the average (if any) towards it:
  ///
  ///   mean = (sum * 2^-kStatisticScaleBits) / micro_batches;  value = float((1 - m) * value + m * mean)
  ///
  /// with each operation rounded in double, in this order; the average as in Table::ema_step.
  void update(std::span<const std::int64_t> sums, std::int64_t micro_batches,
              const kernels::Table<float>& table);

  /// Makes the average equal to the values.
  void reset_average();

  [[nodiscard]] std::span<float> values() { return values_.span(); }
  [[nodiscard]] std::span<const float> values() const { return values_.span(); }
  /// Empty when EMA is off.
  [[nodiscard]] std::span<float> average() { return average_.span(); }

 private:
  double momentum_;
  float one_minus_decay_;
  AlignedBuffer<float> values_, average_;
};

}  // namespace cohort::train
