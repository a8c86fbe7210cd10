// Convolution as docs/numerics.md defines it, one output element at a time: the order of operations and
// nothing else. With T = float the bits must agree; with T = double it is the reference for errors.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "cohort/kernels/shapes.hpp"

namespace cohort::kernels::definition {

inline std::int64_t source_index(const ConvShape& shape, int n, int c, int h, int w) {
  const int lanes = shape.source_lanes();
  const std::int64_t block = std::int64_t{n} * shape.source_blocks() + c / lanes;
  return ((block * shape.height + h) * shape.width + w) * lanes + c % lanes;
}
inline std::int64_t destination_index(const ConvShape& shape, int n, int k, int p, int q) {
  const std::int64_t block = std::int64_t{n} * shape.destination_blocks() + k / kLanes;
  return ((block * shape.destination_height() + p) * shape.destination_width() + q) * kLanes + k % kLanes;
}
inline std::int64_t weight_index(const ConvShape& shape, int k, int c, int r, int s) {
  const int lanes = shape.source_lanes();
  const std::int64_t block = std::int64_t{k / kLanes} * shape.source_blocks() + c / lanes;
  const std::int64_t tap = (block * shape.kernel_height + r) * shape.kernel_width + s;
  return (tap * lanes + c % lanes) * kLanes + k % kLanes;
}
/// Channels with their unused lanes.
inline int source_lane_count(const ConvShape& shape) {
  return shape.source_blocks() * shape.source_lanes();
}
inline int destination_lane_count(const ConvShape& shape) {
  return shape.destination_blocks() * kLanes;
}

/// Whether a source position gives a term: those outside the map do only with a thin source, as zeros.
inline bool is_term(const ConvShape& shape, int h, int w) {
  return shape.thin_source || (h >= 0 && w >= 0 && h < shape.height && w < shape.width);
}
template <typename T>
T source_or_zero(const ConvShape& shape, const T* src, int n, int c, int h, int w) {
  if (h < 0 || w < 0 || h >= shape.height || w >= shape.width) return T(0);
  return src[source_index(shape, n, c, h, w)];
}

/// Source block, r, s, lane.
template <typename T>
T forward(const ConvShape& shape, const T* src, const T* weight, int n, int k, int p, int q) {
  T sum = 0;
  for (int block = 0; block < shape.source_blocks(); ++block) {
    for (int r = 0; r < shape.kernel_height; ++r) {
      for (int s = 0; s < shape.kernel_width; ++s) {
        const int h = p * shape.stride + r - shape.pad_height, w = q * shape.stride + s - shape.pad_width;
        if (!is_term(shape, h, w)) continue;
        for (int lane = 0; lane < shape.source_lanes(); ++lane) {
          const int c = block * shape.source_lanes() + lane;
          const T value = source_or_zero(shape, src, n, c, h, w);
          sum = std::fma(value, weight[weight_index(shape, k, c, r, s)], sum);
        }
      }
    }
  }
  return sum;
}

/// Destination block, r, s on the stride grid and inside the map, lane; from `start`.
template <typename T>
T backward_data(const ConvShape& shape, const T* d_dst, const T* weight, T start, int n, int c, int h,
                int w) {
  T sum = start;
  for (int block = 0; block < shape.destination_blocks(); ++block) {
    for (int r = 0; r < shape.kernel_height; ++r) {
      for (int s = 0; s < shape.kernel_width; ++s) {
        const int down = h + shape.pad_height - r, right = w + shape.pad_width - s;
        if (down % shape.stride != 0 || right % shape.stride != 0) continue;
        const int p = down / shape.stride, q = right / shape.stride;
        if (p < 0 || q < 0 || p >= shape.destination_height() || q >= shape.destination_width()) continue;
        for (int k = block * kLanes; k < (block + 1) * kLanes; ++k) {
          const T value = d_dst[destination_index(shape, n, k, p, q)];
          sum = std::fma(value, weight[weight_index(shape, k, c, r, s)], sum);
        }
      }
    }
  }
  return sum;
}

/// n, p, q.
template <typename T>
T backward_weight(const ConvShape& shape, const T* src, const T* d_dst, int k, int c, int r, int s) {
  T sum = 0;
  for (int n = 0; n < shape.images; ++n) {
    for (int p = 0; p < shape.destination_height(); ++p) {
      for (int q = 0; q < shape.destination_width(); ++q) {
        const int h = p * shape.stride + r - shape.pad_height, w = q * shape.stride + s - shape.pad_width;
        if (!is_term(shape, h, w)) continue;
        const T value = source_or_zero(shape, src, n, c, h, w);
        sum = std::fma(value, d_dst[destination_index(shape, n, k, p, q)], sum);
      }
    }
  }
  return sum;
}

/// Calls visit(index, a, b, c, d) for all positions of [A][B][C][D], where index = at(shape, a, b, c, d).
template <typename At, typename Visit>
void for_all(const ConvShape& shape, int a_count, int b_count, int c_count, int d_count, At at, Visit visit) {
  for (int a = 0; a < a_count; ++a) {
    for (int b = 0; b < b_count; ++b) {
      for (int c = 0; c < c_count; ++c) {
        for (int d = 0; d < d_count; ++d) visit(at(shape, a, b, c, d), a, b, c, d);
      }
    }
  }
}

template <typename T>
std::vector<T> forward(const ConvShape& shape, const T* src, const T* weight) {
  std::vector<T> dst(static_cast<std::size_t>(shape.destination_count()));
  for_all(shape, shape.images, destination_lane_count(shape), shape.destination_height(),
          shape.destination_width(), destination_index, [&](std::int64_t i, int n, int k, int p, int q) {
            dst[static_cast<std::size_t>(i)] = forward(shape, src, weight, n, k, p, q);
          });
  return dst;
}

template <typename T>
std::vector<T> backward_data(const ConvShape& shape, const T* d_dst, const T* weight, std::vector<T> start) {
  for_all(shape, shape.images, source_lane_count(shape), shape.height, shape.width, source_index,
          [&](std::int64_t i, int n, int c, int h, int w) {
            T& value = start[static_cast<std::size_t>(i)];
            value = backward_data(shape, d_dst, weight, value, n, c, h, w);
          });
  return start;
}

template <typename T>
std::vector<T> backward_weight(const ConvShape& shape, const T* src, const T* d_dst) {
  std::vector<T> d_weight(static_cast<std::size_t>(shape.weight_count()));
  for_all(shape, destination_lane_count(shape), source_lane_count(shape), shape.kernel_height,
          shape.kernel_width, weight_index, [&](std::int64_t i, int k, int c, int r, int s) {
            d_weight[static_cast<std::size_t>(i)] = backward_weight(shape, src, d_dst, k, c, r, s);
          });
  return d_weight;
}

}  // namespace cohort::kernels::definition
