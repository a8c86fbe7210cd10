#include "cohort/report/training_curves.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "unit/report/sheets.hpp"

namespace cohort::report {
namespace {

using namespace testing;  // NOLINT: the helpers of this folder

std::vector<CurvePoint> history(int epochs) {
  std::vector<CurvePoint> points;
  for (int e = 1; e <= epochs; ++e) {
    CurvePoint point;
    point.epoch = e;
    point.step = 10 * e;
    point.train_loss = 1.0 / e;
    point.validation_loss = 1.2 / e;
    point.train_accuracy = 1.0 - 0.45 / e;
    point.accuracy = 1.0 - 0.5 / e;
    point.balanced_accuracy = 1.0 - 0.55 / e;
    point.learning_rate = 0.1 / e;
    points.push_back(point);
  }
  return points;
}

/// Ink of a kind in the data area of panel 0 … 3.
template <typename Test>
int in_panel(const data::Image& image, int panel, Test test) {
  const int left = 90 + (panel % 2) * 608, top = 134 + (panel / 2) * 404;
  return count_pixels(image, left, top, left + 514, top + 290, test);
}

TEST(TrainingCurves, FillsFourPanels) {
  const data::Image image = saved(draw_training_curves(history(20), {"A run", "cnn-small"}));
  EXPECT_EQ(image.width, 1240);
  EXPECT_EQ(image.height, 920);
  EXPECT_GT(in_panel(image, 0, is_blue), 500);
  EXPECT_GT(in_panel(image, 0, is_orange), 500);
  EXPECT_GT(in_panel(image, 1, is_blue), 500);
  EXPECT_GT(in_panel(image, 1, is_orange), 500);
  EXPECT_GT(in_panel(image, 2, is_orange), 500);
  EXPECT_GT(in_panel(image, 2, is_red), 10);
  EXPECT_GT(in_panel(image, 3, is_green), 500);
  EXPECT_GT(count_pixels(image, 84, 20, 400, 60, is_dark), 100);  // the title
}

TEST(TrainingCurves, MarksTheBestRowByTheSelectMetric) {
  std::vector<CurvePoint> points = history(20);
  for (CurvePoint& point : points) point.auc = point.balanced_accuracy;
  const std::vector<std::pair<std::string, int>> panels = {
      {"loss", 0}, {"accuracy", 1}, {"balanced_accuracy", 2}, {"auc_macro", 2}};
  for (const auto& [metric, marked] : panels) {
    const data::Image image = saved(draw_training_curves(points, {"A run", "cnn-small", metric}));
    for (int panel = 0; panel < 4; ++panel)
      EXPECT_EQ(in_panel(image, panel, is_red) > 10, panel == marked) << metric << ", panel " << panel;
  }
}

TEST(TrainingCurves, ShowsASinglePoint) {
  const data::Image image = saved(draw_training_curves(history(1), {}));
  EXPECT_GT(in_panel(image, 0, is_blue), 10);
  EXPECT_GT(in_panel(image, 3, is_green), 10);
}

TEST(TrainingCurves, StandsWithoutPointsOrValues) {
  const data::Image nothing = saved(draw_training_curves({}, {}));
  EXPECT_EQ(in_panel(nothing, 0, is_blue), 0);
  EXPECT_GT(count_pixels(nothing, 84, 134, 604, 428, [](int r, int, int) { return r < 200; }),
            50);  // "no values"
  const std::vector<CurvePoint> empty(3);
  EXPECT_EQ(in_panel(saved(draw_training_curves(empty, {})), 2, is_red), 0);
}

TEST(TrainingCurves, JoinsAcrossGaps) {
  std::vector<CurvePoint> points = history(21);
  for (std::size_t i = 0; i < points.size(); ++i)
    if (i % 4 != 0) points[i].validation_loss = points[i].accuracy = std::nan("");
  const data::Image image = saved(draw_training_curves(points, {}));
  EXPECT_GT(in_panel(image, 0, is_orange), 400);
  EXPECT_GT(in_panel(image, 1, is_orange), 400);
  points[3].train_loss = HUGE_VAL;
  EXPECT_GT(in_panel(saved(draw_training_curves(points, {})), 0, is_blue), 400);
}

TEST(TrainingCurves, TakesThousandsOfPoints) {
  const data::Image image = saved(draw_training_curves(history(3000), {}));
  EXPECT_GT(in_panel(image, 1, is_orange), 500);
}

}  // namespace
}  // namespace cohort::report
