#include "explore/normal.hpp"

#include <gtest/gtest.h>

namespace cohort::explore {
namespace {

TEST(Normal, IntegralEqualsKnownValues) {
  const std::pair<double, double> known[] = {
      {0, 0.5},
      {0.5, 0.69146246127401310},
      {1, 0.84134474606854294859},
      {-1, 0.15865525393145705141},
      {1.959963984540054, 0.975},
      {2.5, 0.99379033467422386},
      {3, 0.99865010196836990547},
      {-3, 0.0013498980316300945267},
      {-6, 9.8658764503769814070e-10},
      {-10, 7.6198530241605260660e-24},
      {-20, 2.7536241186062336951e-89},
      {-30, 4.9067139271481870595e-198},
  };
  for (const auto& [x, expected] : known) EXPECT_NEAR(normal_integral(x) / expected, 1, 1e-12) << x;
  EXPECT_EQ(normal_integral(40), 1);
  EXPECT_EQ(normal_integral(-60), 0);
}

TEST(Normal, IntegralGrowsWithTheDensity) {
  for (double x = -8; x < 8; x += 0.01) {
    const double step = 1e-4;
    const double slope = (normal_integral(x + step) - normal_integral(x - step)) / (2 * step);
    EXPECT_NEAR(slope, normal_density(x), 1e-8) << x;
  }
  EXPECT_NEAR(normal_density(0), 0.39894228040143267794, 1e-16);
  EXPECT_EQ(normal_density(1.5), normal_density(-1.5));
}

}  // namespace
}  // namespace cohort::explore
