#include "cohort/core/fixed_point.hpp"

#include <bit>

#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"

namespace cohort {
namespace {

double power_of_two(int exponent) {
  require(exponent >= -1022 && exponent <= 1023, "fixed point: scale_bits out of range");
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

}  // namespace

std::optional<std::int64_t> to_fixed_point(double value, int scale_bits) {
  constexpr double limit = static_cast<double>(kFixedPointLimit);
  const double scaled = value * power_of_two(scale_bits);
  if (!(scaled > -limit && scaled < limit)) return std::nullopt;  // also refuses NaN
  // Between 2^52 and 2^53 doubles are the integers: adding 1.5 * 2^52 rounds to nearest even.
  constexpr double shift = 0x1.8p52;
  const double rounded = (scaled + shift) - shift;
  return static_cast<std::int64_t>(rounded);
}

double from_fixed_point(std::int64_t value, int scale_bits) {
  return static_cast<double>(value) * power_of_two(-scale_bits);
}

}  // namespace cohort
