// Elementary functions whose every bit is ours: plain IEEE additions and multiplications in a fixed order.
// libm differs between systems and versions; these do not. lint.symbols keeps libm out of modules that decide
// bits.
#pragma once

namespace cohort::exact {

/// Natural exponential. Ensures relative error below 1e-15 where the result is normal, one unit in the last
/// place where it is subnormal; +inf on overflow, 0 below -745.2, NaN for NaN.
double exp(double x);
/// Natural logarithm. Ensures relative error below 1e-15; -inf at 0, NaN for negatives and NaN.
double log(double x);
/// Sine and cosine. Ensures absolute error below 1e-15 for |x| <= 1e5, NaN beyond.
double sin(double x);
double cos(double x);
/// base^exponent, as exp(exponent * log(base)) with log in extended precision. Ensures relative error below
/// 1e-14 where the result is normal; limits as in C for base >= 0, NaN for base < 0.
double pow(double base, double exponent);
/// Correctly rounded by IEEE 754 on every system (the processor's instruction).
double sqrt(double x);
float sqrt(float x);

/// Arc tangent of y/x in (-pi, pi], 0 for (0, 0). Ensures absolute error below 1e-15; the sign of a zero is
/// ignored.
double atan2(double y, double x);

/// The double result rounded to float.
inline float exp(float x) {
  return static_cast<float>(exp(static_cast<double>(x)));
}
inline float log(float x) {
  return static_cast<float>(log(static_cast<double>(x)));
}

/// The double nearest to pi.
inline constexpr double kPi = 3.14159265358979323846;

}  // namespace cohort::exact
