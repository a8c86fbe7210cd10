// The reference kernels as a table.
#include "cohort/kernels/select.hpp"
#include "kernels/reference/reference.hpp"

namespace cohort::kernels {

const Table<double>& reference_table() {
  static constexpr Table<double> table = {
      .name = "reference",
      .is_replayable = false,
      .conv_scratch_bytes = reference::conv_scratch_bytes,
      .conv_forward = reference::conv_forward,
      .conv_backward_data = reference::conv_backward_data,
      .conv_backward_weight = reference::conv_backward_weight,
      .batch_norm_forward = reference::batch_norm_forward,
      .batch_norm_inference = reference::batch_norm_inference,
      .batch_norm_backward = reference::batch_norm_backward,
      .max_pool_forward = reference::max_pool_forward,
      .max_pool_backward = reference::max_pool_backward,
      .average_pool_forward = reference::average_pool_forward,
      .average_pool_backward = reference::average_pool_backward,
      .bias_forward = reference::bias_forward,
      .bias_backward = reference::bias_backward,
      .relu_forward = reference::relu_forward,
      .relu_backward = reference::relu_backward,
      .add = reference::add,
      .accumulate_fixed_point = reference::accumulate_fixed_point,
      .from_fixed_point = reference::from_fixed_point,
      .sum_of_squares = reference::sum_of_squares,
      .weighted_mean = reference::weighted_mean,
      .sgd_step = reference::sgd_step,
      .adamw_step = reference::adamw_step,
      .ema_step = reference::ema_step,
  };
  return table;
}

}  // namespace cohort::kernels
