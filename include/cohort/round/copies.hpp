// Copies between plain and aligned buffers.
#pragma once

#include <algorithm>
#include <span>

#include "cohort/core/aligned_buffer.hpp"

namespace cohort::round {

/// The values in a buffer of their own.
inline AlignedBuffer<float> copy_of(std::span<const float> values) {
  AlignedBuffer<float> copy(values.size());
  std::ranges::copy(values, copy.span().begin());
  return copy;
}

}  // namespace cohort::round
