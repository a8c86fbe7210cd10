#include "cohort/core/fixed_point.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "cohort/core/numerics.hpp"
#include "cohort/core/philox.hpp"

namespace cohort {
namespace {

TEST(FixedPoint, RoundsToNearestEven) {
  EXPECT_EQ(to_fixed_point(0.5, 0), 0);
  EXPECT_EQ(to_fixed_point(1.5, 0), 2);
  EXPECT_EQ(to_fixed_point(2.5, 0), 2);
  EXPECT_EQ(to_fixed_point(-0.5, 0), 0);
  EXPECT_EQ(to_fixed_point(-1.5, 0), -2);
  EXPECT_EQ(to_fixed_point(-2.5000001, 0), -3);
  EXPECT_EQ(to_fixed_point(1.0, 40), std::int64_t{1} << 40);
  EXPECT_EQ(to_fixed_point(std::numeric_limits<double>::denorm_min(), 40), 0);
}

TEST(FixedPoint, AgreesWithTheRoundingOfTheLibrary) {
  RandomSequence random(3, Stream::test_inputs, 0);
  for (int i = 0; i < 100000; ++i) {
    const double value = random.uniform(-1.0, 1.0) * std::exp2(random.uniform(-45.0, 10.9));
    EXPECT_EQ(to_fixed_point(value, 40), static_cast<std::int64_t>(std::nearbyint(std::ldexp(value, 40))));
  }
}

TEST(FixedPoint, RefusesWhatReachesTheLimit) {
  const double limit = static_cast<double>(kFixedPointLimit);
  EXPECT_EQ(to_fixed_point(limit, 0), std::nullopt);
  EXPECT_EQ(to_fixed_point(-limit, 0), std::nullopt);
  EXPECT_EQ(to_fixed_point(limit - 1, 0), kFixedPointLimit - 1);
  EXPECT_EQ(to_fixed_point(1 - limit, 0), 1 - kFixedPointLimit);
  EXPECT_EQ(to_fixed_point(2048.0, 40), std::nullopt);
  EXPECT_TRUE(to_fixed_point(2047.999, 40).has_value());
}

TEST(FixedPoint, RefusesWhatIsNotFinite) {
  EXPECT_EQ(to_fixed_point(std::numeric_limits<double>::infinity(), 40), std::nullopt);
  EXPECT_EQ(to_fixed_point(-std::numeric_limits<double>::infinity(), 40), std::nullopt);
  EXPECT_EQ(to_fixed_point(std::numeric_limits<double>::quiet_NaN(), 40), std::nullopt);
  EXPECT_EQ(to_fixed_point(std::numeric_limits<double>::max(), 40), std::nullopt);
}

TEST(FixedPoint, ComesBackExactlyBelow53Bits) {
  EXPECT_EQ(from_fixed_point(3, 1), 1.5);
  EXPECT_EQ(from_fixed_point(-(std::int64_t{1} << 40), 40), -1.0);
  EXPECT_EQ(from_fixed_point((std::int64_t{1} << 53) + 1, 0), 9007199254740992.0);  // nearest, ties to even
  for (const double value : {0.0, 1.0, -0.125, 1023.984375}) {
    EXPECT_EQ(from_fixed_point(to_fixed_point(value, 40).value(), 40), value);
  }
}

TEST(FixedPoint, RefusesAScaleOutOfRange) {
  EXPECT_THROW(static_cast<void>(to_fixed_point(1.0, 2000)), std::logic_error);
  EXPECT_THROW(static_cast<void>(from_fixed_point(1, -2000)), std::logic_error);
}

}  // namespace
}  // namespace cohort
