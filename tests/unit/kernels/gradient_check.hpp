// Analytic gradients against central differences, in double. With h = 1e-5 a correct gradient agrees to about
// 1e-7; a larger h sees the curvature, a smaller one the rounding.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>

namespace cohort::kernels::testing {

/// Σ outputs * direction: turns a kernel's output into the one number that is differentiated.
inline double project(std::span<const double> outputs, std::span<const double> direction) {
  double sum = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) sum += outputs[i] * direction[i];
  return sum;
}

/// Passes when every gradient[i] is within 1e-6 (relative, with floor 1e-3) of the difference quotient of
/// `value` in variables[i]. Variables for which `skip` holds (padding lanes) are left alone.
inline ::testing::AssertionResult gradient_matches(
    std::span<double> variables, std::span<const double> gradient, const std::function<double()>& value,
    const std::function<bool(std::size_t)>& skip = [](std::size_t) { return false; }) {
  constexpr double kStep = 1e-5, kTolerance = 1e-6, kFloor = 1e-3;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    if (skip(i)) continue;
    const double kept = variables[i];
    variables[i] = kept + kStep;
    const double above = value();
    variables[i] = kept - kStep;
    const double below = value();
    variables[i] = kept;
    const double quotient = (above - below) / (2 * kStep);
    const double scale = std::max({std::fabs(quotient), std::fabs(gradient[i]), kFloor});
    if (std::fabs(quotient - gradient[i]) <= kTolerance * scale) continue;
    return ::testing::AssertionFailure()
           << "variable " << i << ": gradient " << gradient[i] << ", difference quotient " << quotient;
  }
  return ::testing::AssertionSuccess();
}

}  // namespace cohort::kernels::testing
