// Convolution, straight from its definition. Each function walks its output and gathers.
#include "kernels/reference/reference.hpp"

namespace cohort::kernels::reference {
namespace {

/// The 16 (or, with thin_source, C) values of one source pixel; null where the pixel lies in the padding.
const double* source_pixel(const ConvShape& shape, const double* src, int n, int block, int h, int w) {
  if (h < 0 || h >= shape.height || w < 0 || w >= shape.width) return nullptr;
  const std::int64_t map = std::int64_t{n} * shape.source_blocks() + block;
  return src + ((map * shape.height + h) * shape.width + w) * shape.source_lanes();
}

std::int64_t destination_pixel(const ConvShape& shape, int n, int block, int p, int q) {
  const std::int64_t map = std::int64_t{n} * shape.destination_blocks() + block;
  return ((map * shape.destination_height() + p) * shape.destination_width() + q) * kLanes;
}

/// Where the [source lanes][16] weights of one tap begin.
std::int64_t weight_tap(const ConvShape& shape, int destination_block, int source_block, int r, int s) {
  const std::int64_t pair = std::int64_t{destination_block} * shape.source_blocks() + source_block;
  return ((pair * shape.kernel_height + r) * shape.kernel_width + s) * shape.source_lanes() * kLanes;
}

/// Whether tap `tap` joins source position `position` to a destination position, and to which one.
bool find_destination(int position, int tap, int pad, int stride, int destinations, int& destination) {
  const int shifted = position + pad - tap;
  destination = shifted / stride;
  return shifted >= 0 && shifted % stride == 0 && destination < destinations;
}

void forward_pixel(const ConvShape& shape, const double* src, const double* weight, int n, int block, int p,
                   int q, double* dst) {
  double sum[kLanes] = {};
  for (int source_block = 0; source_block < shape.source_blocks(); ++source_block) {
    for (int r = 0; r < shape.kernel_height; ++r) {
      for (int s = 0; s < shape.kernel_width; ++s) {
        const double* x = source_pixel(shape, src, n, source_block, p * shape.stride + r - shape.pad_height,
                                       q * shape.stride + s - shape.pad_width);
        if (!x) continue;
        const double* w = weight + weight_tap(shape, block, source_block, r, s);
        for (int c = 0; c < shape.source_lanes(); ++c) {
          for (int k = 0; k < kLanes; ++k) sum[k] += x[c] * w[c * kLanes + k];
        }
      }
    }
  }
  for (int k = 0; k < kLanes; ++k) dst[k] = sum[k];
}

void backward_data_pixel(const ConvShape& shape, const double* d_dst, const double* weight, int n, int block,
                         int h, int w, bool accumulate, double* d_src) {
  double sum[kLanes] = {};
  for (int c = 0; accumulate && c < kLanes; ++c) sum[c] = d_src[c];
  for (int destination_block = 0; destination_block < shape.destination_blocks(); ++destination_block) {
    for (int r = 0; r < shape.kernel_height; ++r) {
      int p = 0;
      if (!find_destination(h, r, shape.pad_height, shape.stride, shape.destination_height(), p)) continue;
      for (int s = 0; s < shape.kernel_width; ++s) {
        int q = 0;
        if (!find_destination(w, s, shape.pad_width, shape.stride, shape.destination_width(), q)) continue;
        const double* d = d_dst + destination_pixel(shape, n, destination_block, p, q);
        const double* tap = weight + weight_tap(shape, destination_block, block, r, s);
        for (int c = 0; c < kLanes; ++c) {
          for (int k = 0; k < kLanes; ++k) sum[c] += d[k] * tap[c * kLanes + k];
        }
      }
    }
  }
  for (int c = 0; c < kLanes; ++c) d_src[c] = sum[c];
}

void backward_weight_tap(const ConvShape& shape, const double* src, const double* d_dst,
                         int destination_block, int source_block, int r, int s, double* d_weight) {
  const int lanes = shape.source_lanes();
  for (int i = 0; i < lanes * kLanes; ++i) d_weight[i] = 0;
  for (int n = 0; n < shape.images; ++n) {
    for (int p = 0; p < shape.destination_height(); ++p) {
      for (int q = 0; q < shape.destination_width(); ++q) {
        const double* x = source_pixel(shape, src, n, source_block, p * shape.stride + r - shape.pad_height,
                                       q * shape.stride + s - shape.pad_width);
        if (!x) continue;
        const double* d = d_dst + destination_pixel(shape, n, destination_block, p, q);
        for (int c = 0; c < lanes; ++c) {
          for (int k = 0; k < kLanes; ++k) d_weight[c * kLanes + k] += x[c] * d[k];
        }
      }
    }
  }
}

}  // namespace

std::size_t conv_scratch_bytes(const ConvShape&) {
  return 0;
}

void conv_forward(const ConvShape& shape, const double* src, const double* weight, double* dst, Scratch,
                  Part part) {
  const Range maps = share_of(std::int64_t{shape.images} * shape.destination_blocks(), part);
  for (std::int64_t map = maps.begin; map < maps.end; ++map) {
    const int n = static_cast<int>(map / shape.destination_blocks());
    const int block = static_cast<int>(map % shape.destination_blocks());
    for (int p = 0; p < shape.destination_height(); ++p) {
      for (int q = 0; q < shape.destination_width(); ++q) {
        forward_pixel(shape, src, weight, n, block, p, q, dst + destination_pixel(shape, n, block, p, q));
      }
    }
  }
}

void conv_backward_data(const ConvShape& shape, const double* d_dst, const double* weight, double* d_src,
                        bool accumulate, Scratch, Part part) {
  const Range maps = share_of(std::int64_t{shape.images} * shape.source_blocks(), part);
  for (std::int64_t map = maps.begin; map < maps.end; ++map) {
    const int n = static_cast<int>(map / shape.source_blocks());
    const int block = static_cast<int>(map % shape.source_blocks());
    for (int h = 0; h < shape.height; ++h) {
      for (int w = 0; w < shape.width; ++w) {
        double* pixel = d_src + ((map * shape.height + h) * shape.width + w) * kLanes;
        backward_data_pixel(shape, d_dst, weight, n, block, h, w, accumulate, pixel);
      }
    }
  }
}

void conv_backward_weight(const ConvShape& shape, const double* src, const double* d_dst, double* d_weight,
                          Scratch, Part part) {
  const Range pairs = share_of(std::int64_t{shape.destination_blocks()} * shape.source_blocks(), part);
  for (std::int64_t pair = pairs.begin; pair < pairs.end; ++pair) {
    const int destination_block = static_cast<int>(pair / shape.source_blocks());
    const int source_block = static_cast<int>(pair % shape.source_blocks());
    for (int r = 0; r < shape.kernel_height; ++r) {
      for (int s = 0; s < shape.kernel_width; ++s) {
        backward_weight_tap(shape, src, d_dst, destination_block, source_block, r, s,
                            d_weight + weight_tap(shape, destination_block, source_block, r, s));
      }
    }
  }
}

}  // namespace cohort::kernels::reference
