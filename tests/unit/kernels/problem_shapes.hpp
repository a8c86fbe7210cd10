// Convolution and pooling shapes from their numbers, in the order of the legend N C H W K R S.
#pragma once

#include "cohort/kernels/shapes.hpp"

namespace cohort::kernels::testing {

inline ConvShape conv_shape(int n, int c, int h, int w, int k, int r, int s, int stride, int pad_h,
                            int pad_w) {
  return {.images = n,
          .source_channels = c,
          .height = h,
          .width = w,
          .destination_channels = k,
          .kernel_height = r,
          .kernel_width = s,
          .stride = stride,
          .pad_height = pad_h,
          .pad_width = pad_w};
}
inline ConvShape thin(ConvShape shape) {
  shape.thin_source = true;
  return shape;
}

inline PoolShape pool_shape(int n, int c, int h, int w, int r, int s, int stride = 1, int pad_h = 0,
                            int pad_w = 0) {
  return {.images = n,
          .channels = c,
          .height = h,
          .width = w,
          .kernel_height = r,
          .kernel_width = s,
          .stride = stride,
          .pad_height = pad_h,
          .pad_width = pad_w};
}

}  // namespace cohort::kernels::testing
