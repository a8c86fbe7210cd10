// Convolution as matrix products by OpenBLAS: the second opinion on the exact kernels, not replayable.
#pragma once

#include <cstddef>

#include "cohort/kernels/table.hpp"

namespace cohort::kernels::blas {

/// Makes OpenBLAS compute in the calling thread alone; the program's own threads share the work by parts.
void use_one_thread();

std::size_t conv_scratch_bytes(const ConvShape& shape);
void conv_forward(const ConvShape& shape, const float* src, const float* weight, float* dst, Scratch scratch,
                  Part part);
void conv_backward_data(const ConvShape& shape, const float* d_dst, const float* weight, float* d_src,
                        bool accumulate, Scratch scratch, Part part);
void conv_backward_weight(const ConvShape& shape, const float* src, const float* d_dst, float* d_weight,
                          Scratch scratch, Part part);

}  // namespace cohort::kernels::blas
