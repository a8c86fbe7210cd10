// dst = columns * weight, d_columns = d_dst * weightᵀ, d_weight = columnsᵀ * d_dst.
#include <cblas.h>

#include <algorithm>

#include "kernels/blas/blas.hpp"
#include "kernels/blas/matrices.hpp"

namespace cohort::kernels::blas {
namespace {

/// Destination blocks whose weight gradients one product computes; fixed, for the reason given at Images.
constexpr int kBlocksPerProduct = 4;

struct Matrix {
  const float* data;
  int columns;
  bool transposed;
};

/// result[rows][columns] = a * b + beta * result, the inner dimension being `depth`.
void multiply(int rows, int columns, int depth, Matrix a, Matrix b, float beta, float* result) {
  cblas_sgemm(CblasRowMajor, a.transposed ? CblasTrans : CblasNoTrans,
              b.transposed ? CblasTrans : CblasNoTrans, rows, columns, depth, 1.0F, a.data, a.columns, b.data,
              b.columns, beta, result, columns);
}

/// The scratch memory, cut into the matrices that a pass needs.
struct Workspace {
  float* columns;  ///< [pixels of a group][taps]
  float* pixels;   ///< [pixels of a group][padded K]
  float* weight;   ///< [taps][padded K]
};

std::int64_t rows_of(const ConvShape& shape, Images images) {
  return (images.end - images.begin) * pixels_per_image(shape);
}

Workspace cut(const ConvShape& shape, Scratch scratch) {
  const std::int64_t rows = images_per_group(shape) * pixels_per_image(shape);
  auto* columns = reinterpret_cast<float*>(scratch.data);
  float* pixels = columns + rows * taps(shape);
  return {columns, pixels, pixels + rows * padded(shape.destination_channels)};
}

struct Range {
  int begin, end;
};
Range share_of(int items, Part part) {
  const auto cut_at = [&](int i) { return static_cast<int>(std::int64_t{items} * i / part.count); };
  return {cut_at(part.index), cut_at(part.index + 1)};
}

}  // namespace

void use_one_thread() {
  if (openblas_get_num_threads() != 1) openblas_set_num_threads(1);
}

std::size_t conv_scratch_bytes(const ConvShape& shape) {
  const std::int64_t rows = images_per_group(shape) * pixels_per_image(shape);
  const std::int64_t length = taps(shape), channels = padded(shape.destination_channels);
  return static_cast<std::size_t>(rows * length + rows * channels + length * channels) * sizeof(float);
}

/// Calls body(workspace with the weights, images, rows of the matrix) for each group of images of the part.
template <typename F>
void for_groups(const ConvShape& shape, const float* weight, Scratch scratch, Part part, const F& body) {
  use_one_thread();
  const Workspace work = cut(shape, scratch);
  const Range groups = share_of(group_count(shape), part);
  if (groups.begin < groups.end) gather_weight(shape, weight, work.weight);
  for (int i = groups.begin; i < groups.end; ++i) {
    const Images images = group(shape, i);
    body(work, images, static_cast<int>(rows_of(shape, images)));
  }
}

void conv_forward(const ConvShape& shape, const float* src, const float* weight, float* dst, Scratch scratch,
                  Part part) {
  const int length = taps(shape), channels = padded(shape.destination_channels);
  for_groups(shape, weight, scratch, part, [&](const Workspace& work, const Images& images, int rows) {
    gather_columns(shape, images, src, work.columns);
    multiply(rows, channels, length, {work.columns, length, false}, {work.weight, channels, false}, 0,
             work.pixels);
    scatter_pixels(shape, images, work.pixels, dst);
  });
}

void conv_backward_data(const ConvShape& shape, const float* d_dst, const float* weight, float* d_src,
                        bool accumulate, Scratch scratch, Part part) {
  const int length = taps(shape), channels = padded(shape.destination_channels);
  for_groups(shape, weight, scratch, part, [&](const Workspace& work, const Images& images, int rows) {
    gather_pixels(shape, images, 0, shape.destination_blocks(), d_dst, work.pixels);
    multiply(rows, length, channels, {work.pixels, channels, false}, {work.weight, channels, true}, 0,
             work.columns);
    scatter_columns(shape, images, work.columns, accumulate, d_src);
  });
}

void conv_backward_weight(const ConvShape& shape, const float* src, const float* d_dst, float* d_weight,
                          Scratch scratch, Part part) {
  use_one_thread();
  const Workspace work = cut(shape, scratch);
  const int length = taps(shape), block_count = shape.destination_blocks();
  const Range products = share_of((block_count + kBlocksPerProduct - 1) / kBlocksPerProduct, part);
  const int first_block = products.begin * kBlocksPerProduct;
  const int end_block = std::min(products.end * kBlocksPerProduct, block_count);
  for (int i = 0; products.begin < products.end && i < group_count(shape); ++i) {
    const Images images = group(shape, i);
    const int rows = static_cast<int>(rows_of(shape, images));
    gather_columns(shape, images, src, work.columns);
    for (int block = first_block; block < end_block; block += kBlocksPerProduct) {
      const int blocks_here = std::min(kBlocksPerProduct, block_count - block);
      float* result = work.weight + std::int64_t{length} * kLanes * (block - first_block);
      gather_pixels(shape, images, block, blocks_here, d_dst, work.pixels);
      multiply(length, blocks_here * kLanes, rows, {work.columns, length, true},
               {work.pixels, blocks_here * kLanes, false}, i == 0 ? 0.0F : 1.0F, result);
    }
  }
  for (int block = first_block; block < end_block; block += kBlocksPerProduct) {
    scatter_weight(shape, block, std::min(kBlocksPerProduct, block_count - block),
                   work.weight + std::int64_t{length} * kLanes * (block - first_block), d_weight);
  }
}

}  // namespace cohort::kernels::blas
