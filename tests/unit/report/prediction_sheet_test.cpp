#include "cohort/report/prediction_sheet.hpp"

#include <gtest/gtest.h>

#include "unit/report/sheets.hpp"

namespace cohort::report {
namespace {

using namespace testing;  // NOLINT: the helpers of this folder

PredictedPicture grey_picture(int width, int height, const std::string& truth,
                              const std::string& prediction) {
  const auto bytes = 3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  return {width, height, std::vector<std::uint8_t>(bytes, 128), "id", truth, prediction, 0.75};
}

int reds(const std::vector<PredictedPicture>& pictures) {
  const data::Image image = saved(draw_prediction_sheet(pictures, 3, "Samples", "of a test"));
  return count_pixels(image, 0, 0, image.width, image.height, is_red);
}

TEST(PredictionSheet, MarksMistakesOnly) {
  std::vector<PredictedPicture> pictures(4, grey_picture(8, 8, "benign", "benign"));
  EXPECT_EQ(reds(pictures), 0);
  pictures[1].prediction = "melanoma";
  const int one = reds(pictures);
  EXPECT_GT(one, 1000);
  pictures[3].prediction = "melanoma";
  EXPECT_NEAR(reds(pictures), 2 * one, 0.1 * one);
}

TEST(PredictionSheet, NeedsNoFramesAmongMistakesOnly) {
  std::vector<PredictedPicture> mistakes(4, grey_picture(8, 8, "benign", "melanoma"));
  const int without = reds(mistakes);
  EXPECT_GT(without, 100);  // the words
  mistakes.push_back(grey_picture(8, 8, "benign", "benign"));
  EXPECT_GT(reds(mistakes), without + 4000);
}

TEST(PredictionSheet, GrowsWithTheRows) {
  const std::vector<PredictedPicture> pictures(7, grey_picture(8, 8, "a", "a"));
  EXPECT_EQ(draw_prediction_sheet(pictures, 7, "", "").height(),
            draw_prediction_sheet(pictures, 20, "", "").height());
  EXPECT_GT(draw_prediction_sheet(pictures, 3, "", "").height(),
            2 * draw_prediction_sheet(pictures, 7, "", "").height());
  EXPECT_GT(draw_prediction_sheet({}, 3, "none", "").height(), 0);
  EXPECT_THROW(draw_prediction_sheet(pictures, 0, "", ""), std::logic_error);
}

TEST(PredictionSheet, KeepsProportionsAndCutsLongNames) {
  const std::string name(200, 'n');
  const std::vector<PredictedPicture> pictures = {grey_picture(40, 10, name, name),
                                                  grey_picture(10, 40, name, "x")};
  const data::Image image = saved(draw_prediction_sheet(pictures, 2, name, name));
  const auto is_grey = [](int r, int g, int b) { return r == 128 && g == 128 && b == 128; };
  EXPECT_NEAR(count_pixels(image, 0, 0, image.width, image.height, is_grey), 2 * 160 * 40, 400);
}

}  // namespace
}  // namespace cohort::report
