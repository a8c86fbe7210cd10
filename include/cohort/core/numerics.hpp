// The constants that define result bits. Any change here is a new numerics_version.
#pragma once

#include <cstdint>

namespace cohort {

/// Names the exact definition of every result bit: summation orders, kernels per layer shape, fixed-point
/// scales, random layout. Stored in jobs, states, checkpoints and golden files.
inline constexpr int kNumericsVersion = 1;

/// Channels travel in blocks of this many lanes, on every instruction set.
inline constexpr int kLanes = 16;

/// Gradients become integers of gradient * 2^40 (docs/numerics.md).
inline constexpr int kGradientScaleBits = 40;

/// Batch-norm means and variances become integers of value * 2^32.
inline constexpr int kStatisticScaleBits = 32;

/// One micro-batch may contribute at most this magnitude to one element, so that 2^11 micro-batches
/// cannot overflow 63 bits and the conversion through double is exact.
inline constexpr std::int64_t kFixedPointLimit = std::int64_t{1} << 51;
inline constexpr int kMaxMicroBatches = 1 << 11;

/// Sums of squares (clipping, LARS) run in double over chunks of this many elements, restarting at each
/// tensor.
inline constexpr std::int64_t kNormChunk = 4096;

}  // namespace cohort
