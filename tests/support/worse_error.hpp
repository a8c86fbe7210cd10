// The worst of many errors, in a test.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace cohort::tests {

/// The larger of the worst error so far and the next one; NaN counts as infinite (std::max would drop it).
inline double worse_error(double worst, double error) {
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : std::max(worst, error);
}

}  // namespace cohort::tests
