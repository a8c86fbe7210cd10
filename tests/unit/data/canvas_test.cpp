#include "cohort/data/canvas.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/data/image.hpp"
#include "cohort/store/atomic_file.hpp"
#include "unit/data/support.hpp"

namespace cohort::data {
namespace {

Image saved(const Canvas& canvas) {
  const testing::TemporaryFolder folder;
  canvas.save_png(folder / "sheet.png");
  return read_image(folder / "sheet.png");
}

Colour at(const Image& image, int x, int y) {
  const auto i = 3 * static_cast<std::size_t>(y * image.width + x);
  return {image.rgb[i], image.rgb[i + 1], image.rgb[i + 2]};
}

/// How much ink lies in a box: 0 for white paper, 1 per black pixel.
double ink(const Image& image, int left, int top, int right, int bottom) {
  double sum = 0;
  for (int y = top; y < bottom; ++y)
    for (int x = left; x < right; ++x) sum += 1.0 - at(image, x, y).green / 255.0;
  return sum;
}

constexpr Colour kBlack{0, 0, 0};

TEST(Canvas, IsAWhiteSheetOfTheGivenSize) {
  const testing::TemporaryFolder folder;
  const Canvas canvas(37, 21);
  canvas.save_png(folder / "sheet.png");
  EXPECT_TRUE(store::read_text(folder / "sheet.png").starts_with("\x89PNG\r\n"));
  const Image image = read_image(folder / "sheet.png");
  EXPECT_EQ(image.width, 37);
  EXPECT_EQ(image.height, 21);
  EXPECT_EQ(ink(image, 0, 0, 37, 21), 0);
}

TEST(Canvas, DrawsLinesOfTheGivenThickness) {
  Canvas canvas(60, 40);
  canvas.line(std::array{Point{10, 20}, Point{50, 20}}, kBlack, 2.0);
  const Image image = saved(canvas);
  EXPECT_NEAR(ink(image, 20, 0, 40, 40) / 20, 2.0, 0.3);
  EXPECT_EQ(ink(image, 0, 0, 60, 17), 0);
  EXPECT_EQ(ink(image, 53, 0, 60, 40), 0);
}

TEST(Canvas, SmoothsSlantedLines) {
  Canvas canvas(60, 60);
  canvas.line(std::array{Point{5, 5}, Point{55, 33}}, kBlack, 1.5);
  const Image image = saved(canvas);
  int grey = 0;
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 60; ++x) grey += at(image, x, y).red > 10 && at(image, x, y).red < 245 ? 1 : 0;
  EXPECT_GT(grey, 50);
}

TEST(Canvas, KeepsColoursInOrder) {
  Canvas canvas(40, 40);
  canvas.rectangle({5, 5}, {15, 15}, {200, 100, 50}, true);
  canvas.circle({30, 30}, 6, {10, 20, 230}, true);
  const Image image = saved(canvas);
  EXPECT_EQ(at(image, 10, 10).red, 200);
  EXPECT_EQ(at(image, 10, 10).green, 100);
  EXPECT_EQ(at(image, 10, 10).blue, 50);
  EXPECT_EQ(at(image, 30, 30).blue, 230);
  EXPECT_EQ(at(image, 4, 10).red, 255);
  EXPECT_EQ(at(image, 15, 10).red, 255);
}

TEST(Canvas, OutlinesWithoutFilling) {
  Canvas canvas(40, 40);
  canvas.rectangle({4, 4}, {36, 36}, kBlack, false);
  canvas.circle({20, 20}, 8, kBlack, false);
  const Image image = saved(canvas);
  EXPECT_EQ(at(image, 20, 20).red, 255);
  EXPECT_EQ(at(image, 8, 8).red, 255);
  EXPECT_GT(ink(image, 0, 0, 40, 40), 100);
}

TEST(Canvas, PlacesTextByItsBaseline) {
  Canvas canvas(200, 60);
  canvas.text("Text", {100, 40}, 14, kBlack, Align::centre);
  const double width = canvas.text_width("Text", 14);
  const Image image = saved(canvas);
  EXPECT_GT(ink(image, 60, 25, 140, 42), 30);
  EXPECT_EQ(ink(image, 0, 43, 200, 60), 0);  // no letter here goes below the line
  EXPECT_EQ(ink(image, 0, 0, 200, 23), 0);
  EXPECT_EQ(ink(image, 0, 0, static_cast<int>(98 - width / 2), 60), 0);
  EXPECT_EQ(ink(image, static_cast<int>(103 + width / 2), 0, 200, 60), 0);
}

TEST(Canvas, AlignsTextToBothSides) {
  Canvas canvas(300, 60);
  canvas.text("left", {150, 20}, 10, kBlack, Align::left);
  canvas.text("right", {150, 50}, 10, kBlack, Align::right);
  const Image image = saved(canvas);
  EXPECT_EQ(ink(image, 0, 0, 148, 30), 0);
  EXPECT_EQ(ink(image, 152, 30, 300, 60), 0);
  EXPECT_GT(ink(image, 150, 0, 300, 30), 10);
  EXPECT_GT(ink(image, 0, 30, 150, 60), 10);
}

TEST(Canvas, MeasuresTextInProportion) {
  const Canvas canvas(10, 10);
  EXPECT_NEAR(canvas.text_width("twice as high", 20) / canvas.text_width("twice as high", 10), 2.0, 0.1);
  EXPECT_GT(canvas.text_width("longer text", 10), canvas.text_width("text", 10));
  EXPECT_EQ(canvas.text_width("", 10), 0);
}

TEST(Canvas, DrawsLatinLettersWithoutTheirMarks) {
  const std::vector<std::pair<const char*, const char*>> pairs = {
      {"Läsion", "Lasion"},      {"Nævus Ærø", "Naevus AEro"},
      {"groß", "gross"},         {"Łódź", "Lodz"},
      {"Õäöü", "Oaou"},          {"ĳ œ ÿ Þ", "ij oe y Th"},
      {"Việt Nam", "Viet Nam"},  {"e\xCC\x81t\xC3\xA9", "ete"},
      {"‘a’ – b…", "'a' - b..."}};
  for (const auto& [marked, plain] : pairs) {
    EXPECT_TRUE(is_drawable(marked)) << marked;
    Canvas one(300, 40), other(300, 40);
    one.text(marked, {5, 30}, 14, kBlack);
    other.text(plain, {5, 30}, 14, kBlack);
    EXPECT_EQ(saved(one).rgb, saved(other).rgb) << marked << " is not drawn as " << plain;
  }
}

TEST(Canvas, DrawsABoxForEachLetterOfAnotherScript) {
  EXPECT_FALSE(is_drawable("меланома"));
  EXPECT_FALSE(is_drawable("a\xFF"));
  EXPECT_FALSE(is_drawable("\xC1\xA1")) << "an overlong a";
  const Canvas canvas(10, 10);
  EXPECT_NEAR(canvas.text_width("меланома", 10), 8 * canvas.text_width("黒", 10), 1);
  Canvas question(300, 40), box(300, 40);
  question.text("?", {5, 30}, 14, kBlack);
  box.text("м", {5, 30}, 14, kBlack);
  EXPECT_GT(ink(saved(box), 0, 0, 300, 40), 5);
  EXPECT_NE(saved(question).rgb, saved(box).rgb);
}

TEST(Canvas, TurnsTextUpwards) {
  Canvas canvas(60, 200);
  canvas.text_upwards("upwards", {40, 100}, 12, kBlack, Align::centre);
  const double length = canvas.text_width("upwards", 12);
  const Image image = saved(canvas);
  EXPECT_GT(ink(image, 22, 50, 46, 150), 30);
  EXPECT_EQ(ink(image, 0, 0, 20, 200), 0);
  EXPECT_EQ(ink(image, 0, 0, 60, static_cast<int>(97 - length / 2)), 0);
  EXPECT_EQ(ink(image, 0, static_cast<int>(104 + length / 2), 60, 200), 0);
}

TEST(Canvas, PastesPicturesWithHardPixels) {
  const std::vector<std::uint8_t> four = {255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9};
  Canvas canvas(40, 40);
  canvas.picture(four, 2, 2, {10, 10}, {30, 30});
  const Image image = saved(canvas);
  EXPECT_EQ(at(image, 10, 10).red, 255);
  EXPECT_EQ(at(image, 10, 10).green, 0);
  EXPECT_EQ(at(image, 19, 19).red, 255);
  EXPECT_EQ(at(image, 20, 19).green, 255);
  EXPECT_EQ(at(image, 29, 29).red, 9);
  EXPECT_EQ(at(image, 30, 30).red, 255);
  EXPECT_EQ(at(image, 30, 30).green, 255);
}

TEST(Canvas, CutsWhatLeavesTheSheet) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::uint8_t> dark(3 * 16, 0);
  Canvas canvas(30, 30);
  canvas.line(std::array{Point{-1e9, 5}, Point{nan, nan}, Point{1e9, 5}}, kBlack);
  canvas.rectangle({-50, 20}, {500, 22}, kBlack, true);
  canvas.circle({nan, 3}, 4, kBlack, true);
  canvas.text("far away", {-4000, 5000}, 10, kBlack);
  canvas.text_upwards("far away", {-4000, 5000}, 10, kBlack);
  canvas.picture(dark, 4, 4, {-10, -10}, {3, 3});
  canvas.picture(dark, 4, 4, {28, 28}, {90, 90});
  const Image image = saved(canvas);
  EXPECT_GT(ink(image, 0, 4, 30, 7), 20);
  EXPECT_EQ(at(image, 1, 1).red, 0);
  EXPECT_EQ(at(image, 29, 29).red, 0);
  EXPECT_EQ(at(image, 29, 21).red, 0);
  EXPECT_EQ(at(image, 15, 12).red, 255);
}

TEST(Canvas, NamesThePathThatItCannotWrite) {
  const Canvas canvas(4, 4);
  try {
    canvas.save_png("/nonexistent-folder/sheet.png");
    FAIL() << "the folder does not exist";
  } catch (const Error& problem) {
    EXPECT_TRUE(testing::contains(problem.what(), "nonexistent-folder")) << problem.what();
  }
}

}  // namespace
}  // namespace cohort::data
