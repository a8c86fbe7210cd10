// The kernels as one table of functions on plain pointers: exact float (one table per instruction set, equal
// bits), BLAS float (second opinion) and plain double (the reference). Networks and optimizers see only this
// table.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cohort/kernels/shapes.hpp"

namespace cohort::kernels {

/// What batch normalisation reads and writes; per-channel arrays have padded(C) elements.
template <typename T>
struct BatchNormArguments {
  const T* src = nullptr;       ///< convolution output, blocked
  const T* residual = nullptr;  ///< added before the ReLU, or null
  const T* gamma = nullptr;
  const T* beta = nullptr;
  T* dst = nullptr;
  T* mean = nullptr;         ///< forward: batch mean, kept for backward
  T* inverse_std = nullptr;  ///< forward: 1 / sqrt(biased variance + epsilon), kept for backward
  T* variance =
      nullptr;  ///< forward: unbiased batch variance (biased when only one value), for running statistics
  T epsilon = T(1e-5);
  bool relu = false;
};

/// What the backward pass of batch normalisation reads and writes beside the forward pass's arrays.
template <typename T>
struct BatchNormGradients {
  const T* d_dst = nullptr;
  const T* dst = nullptr;   ///< forward output, read only with relu (the mask is dst > 0)
  T* d_src = nullptr;       ///< may be d_dst or src
  T* d_residual = nullptr;  ///< overwritten with the masked d_dst, or null; may be d_dst
  T* d_gamma = nullptr;     ///< overwritten
  T* d_beta = nullptr;      ///< overwritten
};

/// Hyper-parameters of one optimizer step over a range of elements; scalars are computed in double by `optim`
/// from the step alone and rounded to T once.
template <typename T>
struct SgdScalars {
  T learning_rate, momentum, weight_decay, gradient_scale;
  bool nesterov;
  bool first_step;  ///< the momentum buffer starts as the gradient (PyTorch's rule)
};
/// Likewise for AdamW; t counts from 1.
template <typename T>
struct AdamWScalars {
  T learning_rate, beta1, beta2, one_minus_beta1, one_minus_beta2;
  T inverse_correction1;       ///< 1 / (1 - beta1^t)
  T inverse_sqrt_correction2;  ///< 1 / sqrt(1 - beta2^t)
  T epsilon, weight_decay, gradient_scale;
};

/// One implementation of every kernel. All functions are pure in their arguments, allocate nothing, throw
/// nothing, and compute the same bits for every `Part` partition. Within the exact float tables all bits are
/// equal.
///
/// Orders of operations are defined in docs/numerics.md; each is a chain of IEEE fused multiply-adds or
/// additions per output element, vectorised only across the 16 lanes and across independent outputs.
template <typename T>
struct Table {
  const char* name;    ///< "avx512", "avx2", "neon", "scalar", "blas", "reference"
  bool is_replayable;  ///< bits are defined by numerics_version

  // ---- convolution (linear layers are convolutions of 1x1 maps) ----
  /// Bytes of Scratch that any pass of this convolution needs.
  std::size_t (*conv_scratch_bytes)(const ConvShape&);
  /// dst = src * weight. Chain per element: source block, r, s, lane; starts at +0. In all passes taps
  /// outside the map are no terms; with thin_source they count as zeros.
  void (*conv_forward)(const ConvShape&, const T* src, const T* weight, T* dst, Scratch, Part);
  /// d_src (+)= d_dst * weightᵀ. Chain: destination block, r, s (taps on the stride grid), lane; starts at
  /// +0, or with `accumulate` at the value already in d_src. Not for thin_source.
  void (*conv_backward_data)(const ConvShape&, const T* d_dst, const T* weight, T* d_src, bool accumulate,
                             Scratch, Part);
  /// d_weight = srcᵀ * d_dst. Chain: n, p, q; starts at +0.
  void (*conv_backward_weight)(const ConvShape&, const T* src, const T* d_dst, T* d_weight, Scratch, Part);

  // ---- batch normalisation, with residual add and ReLU fused ----
  /// Two-pass statistics over N·H·W, then dst = relu((src - mean) * (gamma * inverse_std) + beta + residual).
  void (*batch_norm_forward)(const MapShape&, const BatchNormArguments<T>&, Part);
  /// The same with given statistics: `mean` and `variance` are inputs (running values), the rest as above.
  void (*batch_norm_inference)(const MapShape&, const BatchNormArguments<T>&, Part);
  /// Gradients of batch_norm_forward from the statistics it kept.
  void (*batch_norm_backward)(const MapShape&, const BatchNormArguments<T>&, const BatchNormGradients<T>&,
                              Part);

  // ---- pooling ----
  /// `winner` [destination count] keeps the window position r * S + s of each maximum (first of equals, NaN
  /// wins).
  void (*max_pool_forward)(const PoolShape&, const T* src, T* dst, std::uint8_t* winner, Part);
  /// d_src, overwritten: each source pixel's gradients of the windows it won, added in the order p, q.
  void (*max_pool_backward)(const PoolShape&, const T* d_dst, const std::uint8_t* winner, T* d_src, Part);
  /// Mean over the pixels of the window that lie inside the map; the sum runs r, s; one division.
  void (*average_pool_forward)(const PoolShape&, const T* src, T* dst, Part);
  /// d_src, overwritten: likewise, each window's gradient divided by its pixels inside the map.
  void (*average_pool_backward)(const PoolShape&, const T* d_dst, T* d_src, Part);

  // ---- element-wise; n counts elements ----
  /// dst[n][k] += bias[k] for N rows of padded(K) elements.
  void (*bias_forward)(int rows, int padded_channels, const T* bias, T* dst, Part);
  /// d_bias[k] = sum over rows, in order, from +0.
  void (*bias_backward)(int rows, int padded_channels, const T* d_dst, T* d_bias, Part);
  /// dst = src > 0 ? src : 0, with NaN kept.
  void (*relu_forward)(std::int64_t n, const T* src, T* dst);
  /// d_src = dst > 0 ? d_dst : 0.
  void (*relu_backward)(std::int64_t n, const T* dst, const T* d_dst, T* d_src);
  /// dst = a + b.
  void (*add)(std::int64_t n, const T* a, const T* b, T* dst);

  // ---- exact summation across micro-batches ----
  /// sum[i] += round_to_nearest_even(value[i] * 2^scale_bits); returns how many values were not finite or
  /// reached kFixedPointLimit (those add nothing).
  std::int64_t (*accumulate_fixed_point)(std::int64_t n, int scale_bits, const T* value, std::int64_t* sum);
  /// value[i] = T(double(sum[i]) * 2^-scale_bits).
  void (*from_fixed_point)(std::int64_t n, int scale_bits, const std::int64_t* sum, T* value);
  /// Σ v² in double: 8 interleaved chains (element i to chain i mod 8) folded ((0+1)+(2+3))+((4+5)+(6+7)).
  double (*sum_of_squares)(std::int64_t n, const T* value);

  // ---- merging models ----
  /// out[i] = weighted mean of values[0][i] … values[members - 1][i] through exact integer sums: the order of
  /// members is without effect, equal members (or one) give their own bits, -0 comes out only where all are
  /// -0 or where the mean is below the smallest subnormal. Requires members >= 1, weights positive integers,
  /// total (< 2^24) their sum; out may be any values[m]. Returns how many elements had a value that is not
  /// finite; these become +0.
  std::int64_t (*weighted_mean)(std::int64_t n, int members, const T* const* values, const double* weights,
                                double total, T* out);

  // ---- optimizer steps over n elements; `decay` is false for batch norm and bias ----
  /// One step of SGD with momentum.
  void (*sgd_step)(std::int64_t n, const SgdScalars<T>&, bool decay, const T* gradient, T* parameter,
                   T* momentum);
  /// One step of AdamW.
  void (*adamw_step)(std::int64_t n, const AdamWScalars<T>&, bool decay, const T* gradient, T* parameter,
                     T* m, T* v);
  /// average = average * decay + value * (1 - decay), as fma(value - average, one_minus_decay, average).
  void (*ema_step)(std::int64_t n, T one_minus_decay, const T* value, T* average);
};

}  // namespace cohort::kernels
