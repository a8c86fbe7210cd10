#include "train/running_statistics.hpp"

#include <algorithm>
#include <cstddef>

#include "cohort/core/error.hpp"
#include "cohort/core/fixed_point.hpp"
#include "cohort/core/numerics.hpp"

namespace cohort::train {

RunningStatistics::RunningStatistics(std::int64_t count, const Recipe& recipe)
    : momentum_(recipe.statistic_momentum),
      one_minus_decay_(static_cast<float>(1.0 - recipe.ema_decay)),
      values_(static_cast<std::size_t>(count)),
      average_(recipe.ema_decay > 0 ? static_cast<std::size_t>(count) : 0) {}

void RunningStatistics::update(std::span<const std::int64_t> sums, std::int64_t micro_batches,
                               const kernels::Table<float>& table) {
  require(sums.size() == values_.size(), "RunningStatistics::update: one sum per value");
  const double keep = 1.0 - momentum_;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const double mean = from_fixed_point(sums[i], kStatisticScaleBits) / static_cast<double>(micro_batches);
    values_[i] = static_cast<float>(keep * static_cast<double>(values_[i]) + momentum_ * mean);
  }
  if (average_.size() > 0)
    table.ema_step(static_cast<std::int64_t>(values_.size()), one_minus_decay_, values_.data(),
                   average_.data());
}

void RunningStatistics::reset_average() {
  if (average_.size() > 0) std::copy(values_.data(), values_.data() + values_.size(), average_.data());
}

}  // namespace cohort::train
