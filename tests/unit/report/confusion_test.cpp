#include "cohort/report/confusion.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "unit/report/sheets.hpp"

namespace cohort::report {
namespace {

using namespace testing;  // NOLINT: the helpers of this folder

const ConfusionMatrix kTwo{{"benign", "melanoma"}, {{90, 10}, {20, 80}}};

TEST(ConfusionMatrix, GivesAccuracies) {
  EXPECT_DOUBLE_EQ(accuracy(kTwo), 0.85);
  EXPECT_DOUBLE_EQ(balanced_accuracy(kTwo), 0.85);
  const ConfusionMatrix skewed{{"a", "b", "c"}, {{98, 2, 0}, {5, 5, 0}, {0, 0, 0}}};
  EXPECT_DOUBLE_EQ(accuracy(skewed), 103.0 / 110);
  EXPECT_DOUBLE_EQ(balanced_accuracy(skewed), (0.98 + 0.5) / 2);  // c has no samples
  EXPECT_TRUE(std::isnan(accuracy({{"a"}, {{0}}})));
  EXPECT_TRUE(std::isnan(balanced_accuracy({{"a"}, {{0}}})));
}

TEST(ConfusionMatrix, DrawsCountsAndShares) {
  const data::Image image = saved(draw_confusion_matrix(kTwo, "A run", "test split"));
  EXPECT_GE(image.width, 620);
  // Dark diagonal cells left and right of the middle, and the two halves differ by their numbers.
  const int left = count_pixels(image, 0, 140, image.width / 2, image.height, is_blue);
  const int right = count_pixels(image, image.width / 2, 140, image.width, image.height, is_blue);
  EXPECT_GT(left, 30000);
  EXPECT_GT(right, 30000);
  EXPECT_GT(count_pixels(image, 0, 0, image.width, 80, is_dark), 200);
}

TEST(ConfusionMatrix, PutsTheTruthInRows) {
  const ConfusionMatrix wrong{{"a", "b"}, {{0, 50}, {0, 50}}};  // every a is taken for b
  const data::Image image = saved(draw_confusion_matrix(wrong, "", ""));
  const int middle = image.width / 4 + 30, top = 150;
  EXPECT_GT(count_pixels(image, middle, top, image.width / 2, image.height, is_blue),
            10 * count_pixels(image, 0, top, middle - 40, image.height, is_blue) + 1000);
}

TEST(ConfusionMatrix, TakesSevenClassesLongNamesAndEmptyRows) {
  ConfusionMatrix seven;
  for (int k = 0; k < 7; ++k) {
    seven.classes.push_back("a rather long name of class number " + std::to_string(k));
    seven.counts.emplace_back(7, k == 3 ? 0 : 1234567);
  }
  const data::Image image = saved(draw_confusion_matrix(seven, std::string(300, 'x'), "test split"));
  EXPECT_LT(image.width, 1600);
  EXPECT_GT(count_pixels(image, 0, 200, image.width, image.height, is_dark), 1000);
  saved(draw_confusion_matrix({{"only"}, {{3}}}, "", ""));
}

TEST(ConfusionMatrix, RefusesAnUnevenTable) {
  EXPECT_THROW(draw_confusion_matrix({{"a", "b"}, {{1, 2}}}, "", ""), std::logic_error);
  EXPECT_THROW(draw_confusion_matrix({{"a", "b"}, {{1, 2}, {3}}}, "", ""), std::logic_error);
  EXPECT_THROW(draw_confusion_matrix({}, "", ""), std::logic_error);
}

TEST(ConfusionMatrix, TabulatesClasses) {
  const Table table = class_table({{"a", "b", "c"}, {{8, 2, 0}, {1, 9, 0}, {0, 0, 0}}});
  ASSERT_EQ(table.rows.size(), 3U);
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"a", "10", "0.800", "0.889", "0.842", "b (2)"}));
  EXPECT_EQ(table.rows[2], (std::vector<std::string>{"c", "0", "-", "-", "-", "-"}));
}

}  // namespace
}  // namespace cohort::report
