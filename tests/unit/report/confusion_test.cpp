#include "cohort/report/confusion.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "unit/report/sheets.hpp"

namespace cohort::report {
namespace {

using namespace testing;  // NOLINT: the helpers of this folder

using Names = std::vector<std::string>;

train::Confusion counts_of(int classes, std::vector<std::int64_t> counts) {
  train::Confusion confusion(classes);
  confusion.counts = std::move(counts);
  return confusion;
}

TEST(ConfusionMatrix, DrawsCountsAndShares) {
  const data::Image image = saved(
      draw_confusion_matrix({"benign", "melanoma"}, counts_of(2, {90, 10, 20, 80}), "A run", "test split"));
  EXPECT_GE(image.width, 620);
  // Dark diagonal cells left and right of the middle, and the two halves differ by their numbers.
  const int left = count_pixels(image, 0, 140, image.width / 2, image.height, is_blue);
  const int right = count_pixels(image, image.width / 2, 140, image.width, image.height, is_blue);
  EXPECT_GT(left, 30000);
  EXPECT_GT(right, 30000);
  EXPECT_GT(count_pixels(image, 0, 0, image.width, 80, is_dark), 200);
}

TEST(ConfusionMatrix, PutsTheTruthInRows) {
  const train::Confusion wrong = counts_of(2, {0, 50, 0, 50});  // every a is taken for b
  const data::Image image = saved(draw_confusion_matrix({"a", "b"}, wrong, "", ""));
  const int middle = image.width / 4 + 30, top = 150;
  EXPECT_GT(count_pixels(image, middle, top, image.width / 2, image.height, is_blue),
            10 * count_pixels(image, 0, top, middle - 40, image.height, is_blue) + 1000);
}

TEST(ConfusionMatrix, TakesSevenClassesLongNamesAndEmptyRows) {
  train::Confusion seven(7);
  Names names;
  for (int k = 0; k < 7; ++k) {
    names.push_back("a rather long name of class number " + std::to_string(k));
    for (int prediction = 0; prediction < 7; ++prediction) seven.at(k, prediction) = k == 3 ? 0 : 1234567;
  }
  const data::Image image = saved(draw_confusion_matrix(names, seven, std::string(300, 'x'), "test split"));
  EXPECT_LT(image.width, 1600);
  EXPECT_GT(count_pixels(image, 0, 200, image.width, image.height, is_dark), 1000);
  saved(draw_confusion_matrix({"only"}, counts_of(1, {3}), "", ""));
}

TEST(ConfusionMatrix, NeedsANameForEachClass) {
  EXPECT_THROW(draw_confusion_matrix({"a"}, train::Confusion(2), "", ""), std::logic_error);
  EXPECT_THROW(draw_confusion_matrix({}, train::Confusion(0), "", ""), std::logic_error);
}

}  // namespace
}  // namespace cohort::report
