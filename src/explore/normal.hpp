// The normal distribution by exact math alone.
#pragma once

namespace cohort::explore {

/// Density of the standard normal distribution.
double normal_density(double x);
/// Its integral from -infinity to x. Ensures a relative error below 1e-12 for -30 <= x <= 8 (and 0 or 1
/// beyond what doubles can tell).
double normal_integral(double x);

}  // namespace cohort::explore
