#include "cohort/report/prediction_sheet.hpp"

#include <algorithm>
#include <array>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "report/axes.hpp"

namespace cohort::report {
namespace {

constexpr double kTile = 160, kGap = 22, kCaption = 62, kHead = 96, kMargin = 32;
constexpr double kLetters = 9.5, kSmall = 7.5;
constexpr double kNarrowest = 560;  // room for the words at the top

bool is_right(const PredictedPicture& picture) {
  return picture.truth == picture.prediction;
}

void draw_frame(Canvas& canvas, double left, double top) {
  const std::array<Point, 5> frame = {Point{left - 3, top - 3}, Point{left + kTile + 3, top - 3},
                                      Point{left + kTile + 3, top + kTile + 3},
                                      Point{left - 3, top + kTile + 3}, Point{left - 3, top - 3}};
  canvas.line(frame, kRed, 3);
}

void draw_tile(Canvas& canvas, const PredictedPicture& picture, double left, double top, bool has_frame) {
  const double longer = std::max(picture.width, picture.height);
  const double width = kTile * picture.width / longer, height = kTile * picture.height / longer;
  const double x = left + 0.5 * (kTile - width), y = top + 0.5 * (kTile - height);
  canvas.picture(picture.rgb, picture.width, picture.height, {x, y}, {x + width, y + height});
  if (has_frame) draw_frame(canvas, left, top);
  const Colour colour = is_right(picture) ? kInk : kRed;
  const std::string share = format_fixed(picture.probability, 2);
  const double room = kTile - canvas.text_width(share, kLetters) - 10;
  double level = top + kTile + 20;
  canvas.text(fit_text(canvas, picture.prediction, kLetters, room), {left, level}, kLetters, colour);
  canvas.text(share, {left + kTile, level}, kLetters, colour, Align::right);
  level += 18;
  if (!is_right(picture)) {
    canvas.text(fit_text(canvas, concat("truth: ", picture.truth), kLetters, kTile), {left, level}, kLetters,
                kInk);
    level += 15;
  }
  canvas.text(fit_text(canvas, picture.id, kSmall, kTile), {left, level}, kSmall, kFaint);
}

}  // namespace

data::Canvas draw_prediction_sheet(std::span<const PredictedPicture> pictures, int columns,
                                   const std::string& title, const std::string& subtitle) {
  require(columns >= 1, "draw_prediction_sheet: at least one column");
  const auto count = static_cast<int>(pictures.size());
  const int rows = (count + columns - 1) / columns;
  const auto width = static_cast<int>(std::max(kNarrowest, 2 * kMargin + columns * (kTile + kGap) - kGap));
  Canvas canvas(width, static_cast<int>(kHead + rows * (kTile + kCaption + kGap) + 12));
  canvas.text(fit_text(canvas, title, 15, width - 2 * kMargin), {kMargin, 42}, 15, kInk);
  canvas.text(fit_text(canvas, subtitle, 9.5, width - 2 * kMargin), {kMargin, 68}, 9.5, kFaint);
  const bool is_mixed = std::any_of(pictures.begin(), pictures.end(), is_right);
  for (int i = 0; i < count; ++i) {
    const PredictedPicture& picture = pictures[static_cast<std::size_t>(i)];
    draw_tile(canvas, picture, kMargin + (i % columns) * (kTile + kGap),
              kHead + (i / columns) * (kTile + kCaption + kGap), is_mixed && !is_right(picture));
  }
  return canvas;
}

}  // namespace cohort::report
