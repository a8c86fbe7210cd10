#include "report/axes.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cohort::report {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(Axes, ChoosesRoundTicks) {
  const std::vector<double> ticks = round_ticks({0, 1}, 5);
  ASSERT_EQ(ticks.size(), 6U);
  EXPECT_DOUBLE_EQ(ticks[1], 0.2);
  EXPECT_DOUBLE_EQ(ticks[5], 1.0);
  for (const double tick : round_ticks({-7.3, 2400}, 6)) EXPECT_EQ(std::fmod(tick, 500), 0) << tick;
  EXPECT_GE(round_ticks({0.123, 0.1234}, 6).size(), 3U);
}

TEST(Axes, LabelsTicksWithEnoughDecimals) {
  EXPECT_EQ(tick_label(0.25, 0.05), "0.25");
  EXPECT_EQ(tick_label(30, 10), "30");
  EXPECT_EQ(tick_label(1e-17, 0.2), "0");
  EXPECT_EQ(tick_label(2e-5, 1e-5), "2e-5");
  EXPECT_EQ(tick_label(3e6, 1e6), "3e6");
}

TEST(Axes, SpansFiniteValuesOnly) {
  const std::vector<double> values = {kNaN, 2, HUGE_VAL, 4, -HUGE_VAL};
  const Range range = range_of(values);
  EXPECT_LT(range.low, 2);
  EXPECT_GT(range.low, 1.5);
  EXPECT_GT(range.high, 4);
  EXPECT_LT(range.high, 4.5);
}

TEST(Axes, MakesRoomAroundNothingAndAroundOneValue) {
  const Range none = range_of({});
  EXPECT_LT(none.low, none.high);
  for (const double value : {0.0, 5.0, -3.0, 1e-12, 1e12}) {
    const Range range = range_of(std::vector<double>{value, value});
    EXPECT_LT(range.low, value);
    EXPECT_GT(range.high, value);
    EXPECT_FALSE(round_ticks(range, 5).empty());
  }
}

TEST(Axes, ShortensTextToFit) {
  const Canvas canvas(1, 1);
  EXPECT_EQ(fit_text(canvas, "short", 10, 500), "short");
  const std::string fitted = fit_text(canvas, "a very long class name of a rare disease", 10, 90);
  EXPECT_TRUE(fitted.ends_with(".."));
  EXPECT_LE(canvas.text_width(fitted, 10), 90);
  EXPECT_GT(fitted.size(), 5U);
}

}  // namespace
}  // namespace cohort::report
