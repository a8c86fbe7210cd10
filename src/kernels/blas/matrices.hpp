// A convolution's tensors as row-major matrices, and the ways between the two.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cohort/kernels/shapes.hpp"

namespace cohort::kernels::blas {

/// Images [begin, end) that one matrix product takes together. Groups depend on the shape alone, so that a
/// product never depends on the partition: OpenBLAS may round differently for another number of rows.
struct Images {
  int begin, end;
};
int images_per_group(const ConvShape& shape);
int group_count(const ConvShape& shape);
Images group(const ConvShape& shape, int index);

/// Destination pixels of one image.
std::int64_t pixels_per_image(const ConvShape& shape);
/// Length of the sum behind one destination element: source blocks × R × S × source lanes.
int taps(const ConvShape& shape);

/// [pixels][taps]: row for row what each destination pixel sees, zeros for padding (im2col).
void gather_columns(const ConvShape& shape, Images images, const float* src, float* columns);
/// d_src (+)= the transpose of gather_columns (col2im); cleared first unless `accumulate`.
void scatter_columns(const ConvShape& shape, Images images, const float* columns, bool accumulate,
                     float* d_src);

/// Blocks [first_block, first_block + block_count) of blocked maps ↔ [pixels][block_count * 16].
void gather_pixels(const ConvShape& shape, Images images, int first_block, int block_count, const float* maps,
                   float* matrix);
void scatter_pixels(const ConvShape& shape, Images images, const float* matrix, float* maps);

/// Blocked weight → [taps][destination blocks * 16].
void gather_weight(const ConvShape& shape, const float* weight, float* matrix);
/// [taps][block_count * 16] → the same blocks of the blocked weight.
void scatter_weight(const ConvShape& shape, int first_block, int block_count, const float* matrix,
                    float* weight);

}  // namespace cohort::kernels::blas
