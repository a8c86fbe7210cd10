// Pieces shared by the exact functions: powers of two, polynomials, rounding, and sums kept as two doubles.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace cohort::exact {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// 2^exponent. Requires -1022 <= exponent <= 1023.
inline double power_of_two(int exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

/// c[0] + x (c[1] + x (c[2] + ...)), from the last coefficient down.
template <std::size_t N>
double polynomial(const std::array<double, N>& coefficients, double x) {
  double sum = coefficients[N - 1];
  for (std::size_t i = N - 1; i-- > 0;) sum = sum * x + coefficients[i];
  return sum;
}

/// The nearest integer, ties to even. Requires |x| < 2^51.
inline double nearest_integer(double x) {
  constexpr double shift = 0x1.8p52;  // beyond 2^52 doubles are the integers
  return (x + shift) - shift;
}

/// An unevaluated sum: |low| is at most half a unit in the last place of high.
struct DoubleDouble {
  double high;
  double low;
};

/// a + b without error (Knuth's two-sum).
inline DoubleDouble two_sum(double a, double b) {
  const double sum = a + b;
  const double b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

/// a + b without error. Requires |a| >= |b| or a == 0 (Dekker's fast two-sum).
inline DoubleDouble fast_two_sum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

/// a * b without error (Dekker's product). Requires |a|, |b| < 2^995 and a product that does not underflow.
inline DoubleDouble two_product(double a, double b) {
  constexpr double splitter = 0x1p27 + 1.0;
  const double a_scaled = splitter * a;
  const double a_high = a_scaled - (a_scaled - a);
  const double a_low = a - a_high;
  const double b_scaled = splitter * b;
  const double b_high = b_scaled - (b_scaled - b);
  const double b_low = b - b_high;
  const double product = a * b;
  return {product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

inline DoubleDouble multiply(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble product = two_product(a.high, b.high);
  return fast_two_sum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

inline DoubleDouble add(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble sum = two_sum(a.high, b.high);
  return fast_two_sum(sum.high, sum.low + (a.low + b.low));
}

}  // namespace cohort::exact
