// One batch-norm problem with all its arrays, and the shapes that its tests run over.
#pragma once

#include <cstdint>

#include "unit/kernels/arrays.hpp"

namespace cohort::kernels::testing {

/// Inputs and outputs of one problem; outputs start unwritten.
template <typename T>
struct BatchNormProblem {
  MapShape shape;
  bool relu, has_residual;
  AlignedBuffer<T> src, residual, gamma, beta, d_dst;
  AlignedBuffer<T> dst, mean, inverse_std, variance, d_src, d_residual, d_gamma, d_beta;

  BatchNormProblem(const MapShape& of, bool with_relu, bool with_residual, double offset = 0)
      : shape(of), relu(with_relu), has_residual(with_residual) {
    src = uniform_maps<T>(shape, 1, offset - 1, offset + 2);
    residual = uniform_maps<T>(shape, 2);
    gamma = uniform_channels<T>(shape.channels, 3, 0.5, 1.5);
    beta = uniform_channels<T>(shape.channels, 4);
    d_dst = uniform_maps<T>(shape, 5);
    reset();
  }
  void reset() {
    for (auto* maps : {&dst, &d_src, &d_residual}) *maps = unwritten<T>(shape.count());
    for (auto* channels : {&mean, &inverse_std, &variance, &d_gamma, &d_beta}) {
      *channels = unwritten<T>(padded(shape.channels));
    }
  }
  BatchNormArguments<T> arguments() {
    return {.src = src.data(),
            .residual = has_residual ? residual.data() : nullptr,
            .gamma = gamma.data(),
            .beta = beta.data(),
            .dst = dst.data(),
            .mean = mean.data(),
            .inverse_std = inverse_std.data(),
            .variance = variance.data(),
            .relu = relu};
  }
  BatchNormGradients<T> gradients() {
    return {.d_dst = d_dst.data(),
            .dst = dst.data(),
            .d_src = d_src.data(),
            .d_residual = has_residual ? d_residual.data() : nullptr,
            .d_gamma = d_gamma.data(),
            .d_beta = d_beta.data()};
  }
  void run(const Table<T>& table, int parts = 1) {
    reset();
    run_parts(parts, [&](Part part) { table.batch_norm_forward(shape, arguments(), part); });
    run_parts(parts, [&](Part part) { table.batch_norm_backward(shape, arguments(), gradients(), part); });
  }
};

// One pixel; odd sizes with padding lanes; the edges of a 256-pixel chunk; three chunks of unequal size.
inline const MapShape kBatchNormShapes[] = {{1, 3, 1, 1},    {5, 17, 3, 7},   {2, 33, 5, 1},
                                            {3, 16, 15, 17}, {2, 5, 16, 16},  {1, 7, 1, 257},
                                            {2, 40, 19, 27}, {1, 16, 23, 23}, {4, 50, 2, 3}};

}  // namespace cohort::kernels::testing
