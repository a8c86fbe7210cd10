// The reference kernels: plain loops in double over the blocked layouts, one function per entry of the table.
// Nothing here is fast; everything is meant to be checked by eye.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cohort/kernels/table.hpp"

namespace cohort::kernels::reference {

/// The items [begin, end) of `items` that a part computes.
struct Range {
  std::int64_t begin, end;
};
inline Range share_of(std::int64_t items, Part part) {
  return {items * part.index / part.count, items * (part.index + 1) / part.count};
}

std::size_t conv_scratch_bytes(const ConvShape& shape);
void conv_forward(const ConvShape& shape, const double* src, const double* weight, double* dst,
                  Scratch scratch, Part part);
void conv_backward_data(const ConvShape& shape, const double* d_dst, const double* weight, double* d_src,
                        bool accumulate, Scratch scratch, Part part);
void conv_backward_weight(const ConvShape& shape, const double* src, const double* d_dst, double* d_weight,
                          Scratch scratch, Part part);

void batch_norm_forward(const MapShape& shape, const BatchNormArguments<double>& arguments, Part part);
void batch_norm_inference(const MapShape& shape, const BatchNormArguments<double>& arguments, Part part);
void batch_norm_backward(const MapShape& shape, const BatchNormArguments<double>& arguments,
                         const BatchNormGradients<double>& gradients, Part part);

void max_pool_forward(const PoolShape& shape, const double* src, double* dst, std::uint8_t* winner,
                      Part part);
void max_pool_backward(const PoolShape& shape, const double* d_dst, const std::uint8_t* winner, double* d_src,
                       Part part);
void average_pool_forward(const PoolShape& shape, const double* src, double* dst, Part part);
void average_pool_backward(const PoolShape& shape, const double* d_dst, double* d_src, Part part);

void bias_forward(int rows, int padded_channels, const double* bias, double* dst, Part part);
void bias_backward(int rows, int padded_channels, const double* d_dst, double* d_bias, Part part);
void relu_forward(std::int64_t n, const double* src, double* dst);
void relu_backward(std::int64_t n, const double* dst, const double* d_dst, double* d_src);
void add(std::int64_t n, const double* a, const double* b, double* dst);

std::int64_t accumulate_fixed_point(std::int64_t n, int scale_bits, const double* value, std::int64_t* sum);
void from_fixed_point(std::int64_t n, int scale_bits, const std::int64_t* sum, double* value);
double sum_of_squares(std::int64_t n, const double* value);
std::int64_t weighted_mean(std::int64_t n, int members, const double* const* values, const double* weights,
                           double total, double* out);

void sgd_step(std::int64_t n, const SgdScalars<double>& scalars, bool decay, const double* gradient,
              double* parameter, double* momentum);
void adamw_step(std::int64_t n, const AdamWScalars<double>& scalars, bool decay, const double* gradient,
                double* parameter, double* m, double* v);
void ema_step(std::int64_t n, double one_minus_decay, const double* value, double* average);

}  // namespace cohort::kernels::reference
