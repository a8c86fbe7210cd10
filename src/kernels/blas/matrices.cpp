#include "kernels/blas/matrices.hpp"

#include <algorithm>

namespace cohort::kernels::blas {
namespace {

/// Rows a product should have at least, lest packing the weights outweigh the arithmetic.
constexpr std::int64_t kRowsWanted = 512;

/// Calls visit(source index of the run, column index of the run) for each run of source lanes that a
/// destination pixel sees, and outside(column index) for those in the padding.
template <typename Visit, typename Outside>
void for_runs(const ConvShape& shape, int n, int p, int q, Visit visit, Outside outside) {
  const int lanes = shape.source_lanes();
  std::int64_t column = 0;
  for (int block = 0; block < shape.source_blocks(); ++block) {
    const std::int64_t map = std::int64_t{n} * shape.source_blocks() + block;
    for (int r = 0; r < shape.kernel_height; ++r) {
      const int h = p * shape.stride + r - shape.pad_height;
      for (int s = 0; s < shape.kernel_width; ++s, column += lanes) {
        const int w = q * shape.stride + s - shape.pad_width;
        const bool is_inside = h >= 0 && h < shape.height && w >= 0 && w < shape.width;
        if (is_inside) {
          visit(((map * shape.height + h) * shape.width + w) * lanes, column);
        } else {
          outside(column);
        }
      }
    }
  }
}

/// Calls visit(n, p, q, row) for each destination pixel of a group of images.
template <typename Visit>
void for_pixels(const ConvShape& shape, Images images, Visit visit) {
  std::int64_t row = 0;
  for (int n = images.begin; n < images.end; ++n) {
    for (int p = 0; p < shape.destination_height(); ++p) {
      for (int q = 0; q < shape.destination_width(); ++q) visit(n, p, q, row++);
    }
  }
}

}  // namespace

std::int64_t pixels_per_image(const ConvShape& shape) {
  return std::int64_t{shape.destination_height()} * shape.destination_width();
}

int taps(const ConvShape& shape) {
  return shape.source_blocks() * shape.kernel_height * shape.kernel_width * shape.source_lanes();
}

int images_per_group(const ConvShape& shape) {
  const std::int64_t pixels = pixels_per_image(shape);
  return static_cast<int>(std::min<std::int64_t>((kRowsWanted + pixels - 1) / pixels, shape.images));
}

int group_count(const ConvShape& shape) {
  const int images = images_per_group(shape);
  return (shape.images + images - 1) / images;
}

Images group(const ConvShape& shape, int index) {
  const int images = images_per_group(shape);
  return {index * images, std::min((index + 1) * images, shape.images)};
}

void gather_columns(const ConvShape& shape, Images images, const float* src, float* columns) {
  const int lanes = shape.source_lanes(), length = taps(shape);
  for_pixels(shape, images, [&](int n, int p, int q, std::int64_t row) {
    float* to = columns + row * length;
    for_runs(
        shape, n, p, q,
        [&](std::int64_t from, std::int64_t column) { std::copy_n(src + from, lanes, to + column); },
        [&](std::int64_t column) { std::fill_n(to + column, lanes, 0.0F); });
  });
}

void scatter_columns(const ConvShape& shape, Images images, const float* columns, bool accumulate,
                     float* d_src) {
  const int lanes = shape.source_lanes(), length = taps(shape);
  const std::int64_t image = shape.source_count() / shape.images;
  if (!accumulate) std::fill(d_src + images.begin * image, d_src + images.end * image, 0.0F);
  for_pixels(shape, images, [&](int n, int p, int q, std::int64_t row) {
    const float* from = columns + row * length;
    for_runs(
        shape, n, p, q,
        [&](std::int64_t to, std::int64_t column) {
          for (int c = 0; c < lanes; ++c) d_src[to + c] += from[column + c];
        },
        [](std::int64_t) {});
  });
}

void gather_pixels(const ConvShape& shape, Images images, int first_block, int block_count, const float* maps,
                   float* matrix) {
  const std::int64_t pixels = pixels_per_image(shape), row_length = std::int64_t{block_count} * kLanes;
  for (int n = images.begin; n < images.end; ++n) {
    for (int block = 0; block < block_count; ++block) {
      const float* from =
          maps + (std::int64_t{n} * shape.destination_blocks() + first_block + block) * pixels * kLanes;
      float* to = matrix + (n - images.begin) * pixels * row_length + block * kLanes;
      for (std::int64_t i = 0; i < pixels; ++i) std::copy_n(from + i * kLanes, kLanes, to + i * row_length);
    }
  }
}

void scatter_pixels(const ConvShape& shape, Images images, const float* matrix, float* maps) {
  const int block_count = shape.destination_blocks();
  const std::int64_t pixels = pixels_per_image(shape), row_length = std::int64_t{block_count} * kLanes;
  for (int n = images.begin; n < images.end; ++n) {
    for (int block = 0; block < block_count; ++block) {
      const float* from = matrix + (n - images.begin) * pixels * row_length + block * kLanes;
      float* to = maps + (std::int64_t{n} * block_count + block) * pixels * kLanes;
      for (std::int64_t i = 0; i < pixels; ++i) std::copy_n(from + i * row_length, kLanes, to + i * kLanes);
    }
  }
}

void gather_weight(const ConvShape& shape, const float* weight, float* matrix) {
  const int block_count = shape.destination_blocks(), length = taps(shape);
  for (int block = 0; block < block_count; ++block) {
    const float* from = weight + std::int64_t{block} * length * kLanes;
    for (int tap = 0; tap < length; ++tap) {
      std::copy_n(from + tap * kLanes, kLanes, matrix + (std::int64_t{tap} * block_count + block) * kLanes);
    }
  }
}

void scatter_weight(const ConvShape& shape, int first_block, int block_count, const float* matrix,
                    float* weight) {
  const int length = taps(shape);
  for (int block = 0; block < block_count; ++block) {
    float* to = weight + std::int64_t{first_block + block} * length * kLanes;
    for (int tap = 0; tap < length; ++tap) {
      std::copy_n(matrix + (std::int64_t{tap} * block_count + block) * kLanes, kLanes, to + tap * kLanes);
    }
  }
}

}  // namespace cohort::kernels::blas
