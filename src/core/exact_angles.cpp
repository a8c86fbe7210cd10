// sin, cos and atan2. Taylor series on short intervals, as in exact_math.cpp.
#include "cohort/core/exact_math.hpp"
#include "core/exact_parts.hpp"

namespace cohort::exact {
namespace {

// pi/2 = first + second + third; the first two have 33 bits, so that n * part is exact for |n| < 2^20.
constexpr double kHalfPiFirst = 0x1.921fb544p0;
constexpr double kHalfPiSecond = 0x1.0b4611a6p-34;
constexpr double kHalfPiThird = 0x1.3198a2e037073p-69;
constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1;
constexpr double kHalfPi = 0x1.921fb54442d18p0;
constexpr double kLargestAngle = 1e5;

// (sin r - r) / r^3 and (cos r - 1 + r^2/2) / r^4 in powers of r^2, |r| <= pi/4.
constexpr std::array<double, 8> kSinSeries = {-1.0 / 6,
                                              1.0 / 120,
                                              -1.0 / 5040,
                                              1.0 / 362880.0,
                                              -1.0 / 39916800.0,
                                              1.0 / 6227020800.0,
                                              -1.0 / 1307674368000.0,
                                              1.0 / 355687428096000.0};
constexpr std::array<double, 8> kCosSeries = {
    1.0 / 24,          -1.0 / 720,           1.0 / 40320.0,          -1.0 / 3628800.0,
    1.0 / 479001600.0, -1.0 / 87178291200.0, 1.0 / 20922789888000.0, -1.0 / 6402373705728000.0};

// (atan u - u) / u^3 in powers of u^2, |u| <= 1/16.
constexpr std::array<double, 6> kArcSeries = {-1.0 / 3, 1.0 / 5, -1.0 / 7, 1.0 / 9, -1.0 / 11, 1.0 / 13};
// atan(i / 8).
constexpr std::array<double, 9> kArcOfEighths = {
    0.0,
    0x1.fd5ba9aac2f6ep-4,
    0x1.f5b75f92c80ddp-3,
    0x1.6f61941e4def1p-2,
    0x1.dac670561bb4fp-2,
    0x1.1e00babdefeb4p-1,
    0x1.4978fa3269ee1p-1,
    0x1.700a7c5784634p-1,
    0x1.921fb54442d18p-1,
};

/// x = quarter * pi/2 + (angle + rest).
struct Reduced {
  int quarter;
  double angle;
  double rest;
};

Reduced reduce(double x) {
  const double n = nearest_integer(x * kTwoOverPi);
  const double rough = x - n * kHalfPiFirst;  // exact
  const DoubleDouble difference = two_sum(rough, -(n * kHalfPiSecond));
  const double correction = difference.low - n * kHalfPiThird;
  const double angle = difference.high + correction;
  return {static_cast<int>(n) & 3, angle, (difference.high - angle) + correction};
}

double sin_near_zero(double r, double rest) {
  const double z = r * r;
  return r + (r * z * polynomial(kSinSeries, z) + rest * (1.0 - 0.5 * z));
}

double cos_near_zero(double r, double rest) {
  const double z = r * r;
  const double half = 0.5 * z;
  const double lead = 1.0 - half;
  return lead + (((1.0 - lead) - half) + (z * z * polynomial(kCosSeries, z) - r * rest));
}

/// The sine of x moved on by `quarters` quarter turns.
double sin_shifted(double x, int quarters) {
  if (!(x >= -kLargestAngle && x <= kLargestAngle)) return kNaN;
  const Reduced reduced = reduce(x);
  const int quarter = (reduced.quarter + quarters) & 3;
  const double value = (quarter & 1) != 0 ? cos_near_zero(reduced.angle, reduced.rest)
                                          : sin_near_zero(reduced.angle, reduced.rest);
  return (quarter & 2) != 0 ? -value : value;
}

double magnitude(double x) {
  return x < 0.0 ? -x : x;
}

/// atan(small / large) for 0 <= small <= large, large > 0, both finite.
double arc_of_ratio(double small, double large) {
  // Away from the ends of the range, so that sums below cannot overflow and products keep their bits.
  if (large > 0x1p1000) {
    small *= 0x1p-100;
    large *= 0x1p-100;
  } else if (large < 0x1p-900) {
    small *= 0x1p150;
    large *= 0x1p150;
  }
  // tan(a - b) = (tan a - tan b) / (1 + tan a tan b) with tan b the nearest eighth.
  const double eighths = nearest_integer(8.0 * (small / large));
  const double c = 0.125 * eighths;
  const double u = (small - c * large) / (large + c * small);
  const double z = u * u;
  return kArcOfEighths[static_cast<std::size_t>(eighths)] + (u + u * z * polynomial(kArcSeries, z));
}

}  // namespace

double sin(double x) {
  return sin_shifted(x, 0);
}
double cos(double x) {
  return sin_shifted(x, 1);
}

double atan2(double y, double x) {
  if (x != x || y != y) return kNaN;
  double height = magnitude(y);
  double width = magnitude(x);
  if (height == 0.0) return x < 0.0 ? kPi : 0.0;
  if (height == kInfinity && width == kInfinity) height = width = 1.0;
  double angle = 0.0;
  if (height == kInfinity) {
    angle = kHalfPi;
  } else if (width == kInfinity) {
    angle = 0.0;
  } else if (height <= width) {
    angle = arc_of_ratio(height, width);
  } else {
    angle = kHalfPi - arc_of_ratio(width, height);
  }
  if (x < 0.0) angle = kPi - angle;
  return y < 0.0 ? -angle : angle;
}

}  // namespace cohort::exact
