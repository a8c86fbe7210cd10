// Elementary functions whose every bit is ours: plain IEEE additions and multiplications in a fixed order.
// libm differs between systems and versions; these do not. lint.symbols keeps libm out of modules that decide bits.
#pragma once

namespace cohort::exact {

/// Natural exponential. Ensures relative error below 1e-15; +inf on overflow, 0 below -745.2, NaN for NaN.
double exp(double x);
/// Natural logarithm. Ensures relative error below 1e-15; -inf at 0, NaN for negatives and NaN.
double log(double x);
/// Sine and cosine. Requires |x| <= 1e5; absolute error below 1e-15.
double sin(double x);
double cos(double x);
/// base^exponent for base >= 0, as exp(exponent * log(base)) with log in extended precision; error below 1e-14.
double pow(double base, double exponent);
/// Correctly rounded by IEEE 754 on every system (the processor's instruction).
double sqrt(double x);
float sqrt(float x);

/// Arc tangent of y/x in (-pi, pi]; absolute error below 1e-15.
double atan2(double y, double x);

/// The double result rounded to float.
inline float exp(float x) { return static_cast<float>(exp(static_cast<double>(x))); }
inline float log(float x) { return static_cast<float>(log(static_cast<double>(x))); }

inline constexpr double kPi = 3.14159265358979323846;

}  // namespace cohort::exact
