// exp, log, pow and sqrt. Series are Taylor's, long enough that what is left off is below a tenth of the
// rounding error: their coefficients can be checked by eye, and the argument reductions keep them short.
#include "cohort/core/exact_math.hpp"

#include "core/exact_parts.hpp"

namespace cohort::exact {
namespace {

// ln 2 = high + low; high has 32 bits, so that k * high is exact for every exponent k.
constexpr double kLn2High = 0x1.62e42feep-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kLog2E = 0x1.71547652b82fep+0;

// (e^r - 1 - r) / r^2 = 1/2! + r/3! + r^2/4! + ... for |r| <= ln(2)/2; the first term left off is below
// 2^-57.
constexpr std::array<double, 12> kExpSeries = {
    1.0 / 2,       1.0 / 6,        1.0 / 24,        1.0 / 120,        1.0 / 720,         1.0 / 5040,
    1.0 / 40320.0, 1.0 / 362880.0, 1.0 / 3628800.0, 1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0};

// (2 atanh(s) / s - 2) / s^2 = 2/3 + 2/5 z + 2/7 z^2 + ... with z = s^2 <= 0.0295.
constexpr std::array<double, 11> kLogSeries = {2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11, 2.0 / 13,
                                               2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23};
constexpr std::array<double, 11> kLogTail = {2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11, 2.0 / 13, 2.0 / 15,
                                             2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23, 2.0 / 25};
constexpr DoubleDouble kTwoThirds = {0x1.5555555555555p-1, 0x1.5555555555555p-55};

/// e^(high + low), where low corrects high. x = k ln 2 + r with |r| <= ln(2)/2.
double exp_sum(double high, double low) {
  if (high != high) return high;
  if (high > 709.8) return kInfinity;
  if (high < -745.2) return 0.0;
  const double k = nearest_integer(high * kLog2E);
  const double reduced = high - k * kLn2High;  // exact
  const double correction = k * kLn2Low - low;
  const double r = reduced - correction;
  const double lost = (reduced - r) - correction;
  const double mantissa = 1.0 + (r + (r * r * polynomial(kExpSeries, r) + lost));
  // Two factors, since 2^k alone may leave the range; only the last product can round.
  const int exponent = static_cast<int>(k);
  const int first = exponent / 2;
  return mantissa * power_of_two(first) * power_of_two(exponent - first);
}

struct Split {
  double mantissa;  ///< in (sqrt(1/2), sqrt(2)]
  double exponent;
};

/// x = mantissa * 2^exponent. Requires x positive and finite.
Split split(double x) {
  int exponent = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    exponent = -54;
  }
  const auto bits = std::bit_cast<std::uint64_t>(x);
  exponent += static_cast<int>(bits >> 52) - 1023;
  double mantissa = std::bit_cast<double>((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000);
  if (mantissa > 0x1.6a09e667f3bcdp0) {
    mantissa *= 0.5;
    ++exponent;
  }
  return {mantissa, static_cast<double>(exponent)};
}

/// log x to about 2^-64 of its value, as a sum of two doubles. Requires x positive and finite.
DoubleDouble log_extended(double x) {
  const Split parts = split(x);
  // s = f / (2 + f), one division and its remainder.
  const double f = parts.mantissa - 1.0;
  const DoubleDouble divisor = two_sum(2.0, f);
  const double quotient = f / divisor.high;
  const DoubleDouble back = two_product(quotient, divisor.high);
  const double remainder = ((f - back.high) - back.low) - quotient * divisor.low;
  const DoubleDouble s = fast_two_sum(quotient, remainder / divisor.high);
  // log(1 + f) = 2 s + 2/3 s^3 + s^5 (2/5 + ...): the first two terms extended, the rest is below 2^-11 of
  // them.
  const DoubleDouble cube = multiply(multiply(s, s), s);
  const double tail = cube.high * (s.high * s.high) * polynomial(kLogTail, s.high * s.high);
  const DoubleDouble twice = {2.0 * s.high, 2.0 * s.low};
  const DoubleDouble log_mantissa = add(add(twice, multiply(cube, kTwoThirds)), {tail, 0.0});
  const double k = parts.exponent;
  return add({k * kLn2High, 0.0}, add(log_mantissa, {k * kLn2Low, 0.0}));
}

}  // namespace

double exp(double x) {
  return exp_sum(x, 0.0);
}

double log(double x) {
  if (x == 0.0) return -kInfinity;
  if (!(x > 0.0)) return kNaN;
  if (x == kInfinity) return x;
  const Split parts = split(x);
  // log(1 + f) = f - f^2/2 + s (f^2/2 + s^2 (2/3 + ...)): the exact f leads, so that nothing is lost near x
  // = 1.
  const double f = parts.mantissa - 1.0;
  const double s = f / (2.0 + f);
  const double z = s * s;
  const double half_square = 0.5 * f * f;
  const double series = z * polynomial(kLogSeries, z);
  const double k = parts.exponent;
  return k * kLn2High - ((half_square - (s * (half_square + series) + k * kLn2Low)) - f);
}

double pow(double base, double exponent) {
  if (exponent == 0.0 || base == 1.0) return 1.0;
  if (!(base >= 0.0) || exponent != exponent) return kNaN;
  if (base == 0.0 || base == kInfinity) return (base == 0.0) == (exponent > 0.0) ? 0.0 : kInfinity;
  const DoubleDouble logarithm = log_extended(base);
  const double estimate = exponent * logarithm.high;
  if (estimate > 710.0) return kInfinity;
  if (estimate < -746.0) return 0.0;
  const DoubleDouble product = two_product(exponent, logarithm.high);
  return exp_sum(product.high, product.low + exponent * logarithm.low);
}

// One instruction, correctly rounded; the library function would be the same value but a foreign symbol.
double sqrt(double x) {
  return __builtin_sqrt(x);
}
float sqrt(float x) {
  return __builtin_sqrtf(x);
}

}  // namespace cohort::exact
