// One value as a 64-bit integer of value * 2^scale_bits, rounded to nearest even. Bulk forms are kernels.
#pragma once

#include <cstdint>
#include <optional>

namespace cohort {

/// Nothing when value is not finite or its magnitude reaches kFixedPointLimit * 2^-scale_bits.
std::optional<std::int64_t> to_fixed_point(double value, int scale_bits);

/// The nearest double, times 2^-scale_bits (exact).
double from_fixed_point(std::int64_t value, int scale_bits);

}  // namespace cohort
