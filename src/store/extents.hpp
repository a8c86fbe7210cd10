// How large an array is. Not part of the module's public face.
#pragma once

#include <cstdint>

#include "cohort/store/container.hpp"

namespace cohort::store {

/// The product of all extents times the size of one element; -1 if one is negative or the product overflows.
std::int64_t checked_bytes(const Extents& extents, std::int64_t element_bytes);

}  // namespace cohort::store
