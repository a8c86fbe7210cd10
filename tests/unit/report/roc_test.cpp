#include "cohort/report/roc.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "unit/report/sheets.hpp"

namespace cohort::report {
namespace {

using namespace testing;  // NOLINT: the helpers of this folder

RocCurve curve_of(std::vector<double> scores, std::vector<std::uint8_t> truth) {
  return roc_curve("class", scores, truth);
}

TEST(RocCurve, HasTheAreaOfTheRankStatistic) {
  EXPECT_DOUBLE_EQ(curve_of({0.9, 0.8, 0.2, 0.1}, {1, 1, 0, 0}).area, 1.0);
  EXPECT_DOUBLE_EQ(curve_of({0.9, 0.8, 0.2, 0.1}, {0, 0, 1, 1}).area, 0.0);
  EXPECT_DOUBLE_EQ(curve_of({0.5, 0.5, 0.5, 0.5}, {1, 0, 1, 0}).area, 0.5);
  // Pairs: 0.8 beats 0.6 and 0.3; 0.6 ties 0.6 and beats 0.3.
  EXPECT_DOUBLE_EQ(curve_of({0.8, 0.6, 0.6, 0.3}, {1, 1, 0, 0}).area, 3.5 / 4);
}

TEST(RocCurve, RunsFromCornerToCorner) {
  const RocCurve curve = curve_of({0.8, 0.6, 0.6, 0.3}, {1, 1, 0, 0});
  ASSERT_EQ(curve.points.size(), 4U);  // the tie is one step
  EXPECT_EQ(curve.points.front().false_positive_rate, 0);
  EXPECT_EQ(curve.points.front().true_positive_rate, 0);
  EXPECT_EQ(curve.points[2].false_positive_rate, 0.5);
  EXPECT_EQ(curve.points[2].true_positive_rate, 1);
  EXPECT_EQ(curve.points.back().false_positive_rate, 1);
}

TEST(RocCurve, IsUndefinedWithoutBothKinds) {
  EXPECT_TRUE(std::isnan(curve_of({0.1, 0.2}, {1, 1}).area));
  EXPECT_TRUE(std::isnan(curve_of({}, {}).area));
  EXPECT_THROW(curve_of({0.1}, {}), std::logic_error);
}

TEST(RocCurve, IsDrawnWithItsLegend) {
  const std::vector<RocCurve> curves = {curve_of({0.8, 0.6, 0.5, 0.3}, {1, 0, 1, 0}), curve_of({0.4}, {1})};
  const data::Image image = saved(draw_roc(curves, "A run", "test split"));
  EXPECT_EQ(image.width, 720);
  EXPECT_EQ(image.height, 760);
  EXPECT_GT(count_pixels(image, 90, 125, 680, 640, is_blue), 500);
  EXPECT_GT(count_pixels(image, 400, 640, 680, 698, is_dark), 100);
  saved(draw_roc({}, "", ""));
}

}  // namespace
}  // namespace cohort::report
