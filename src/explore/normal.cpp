#include "explore/normal.hpp"

#include "cohort/core/exact_math.hpp"

namespace cohort::explore {
namespace {

/// Where the tail's continued fraction takes over from the series about 0.
constexpr double kTail = 3;

/// Integral from 0 to x > 0 over the density at x: x + x^3/3 + x^5/(3*5) + …, all terms positive.
double series(double x) {
  double term = x, sum = x;
  for (int odd = 3; term > sum * 1e-17; odd += 2) {
    term *= x * x / odd;
    sum += term;
  }
  return sum;
}

/// Integral from x >= kTail to infinity over the density at x: 1/(x + 1/(x + 2/(x + 3/(x + …)))), from the
/// inside out.
double continued_fraction(double x) {
  constexpr int kTerms = 120;
  double rest = x;
  for (int k = kTerms; k >= 1; --k) rest = x + k / rest;
  return 1 / rest;
}

}  // namespace

double normal_density(double x) {
  constexpr double kFactor = 0.39894228040143267794;  // 1 / sqrt(2 pi)
  return kFactor * exact::exp(-0.5 * x * x);
}

double normal_integral(double x) {
  const double size = x < 0 ? -x : x;
  if (size >= kTail) {
    const double tail = normal_density(size) * continued_fraction(size);
    return x < 0 ? tail : 1 - tail;
  }
  const double half = size > 0 ? normal_density(size) * series(size) : 0;
  return x < 0 ? 0.5 - half : 0.5 + half;
}

}  // namespace cohort::explore
