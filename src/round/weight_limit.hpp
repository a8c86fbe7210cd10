// How much the weights of a mean may be. Not part of the module's public face.
#pragma once

#include <cstdint>

namespace cohort::round {

/// Weights of whole models must add up to less, after division by their greatest common divisor: then every
/// product with a float and every sum of them is exact.
inline constexpr std::int64_t kWeightLimit = std::int64_t{1} << 24;

}  // namespace cohort::round
