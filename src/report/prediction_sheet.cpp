#include "cohort/report/prediction_sheet.hpp"

#include <algorithm>
#include <array>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "report/axes.hpp"

namespace cohort::report {
namespace {

constexpr double kTile = 144, kGap = 14, kCaption = 40, kHead = 92, kMargin = 24;

void draw_tile(Canvas& canvas, const PredictedPicture& picture, double left, double top) {
  const bool right = picture.truth == picture.prediction;
  const double longer = std::max(picture.width, picture.height);
  const double width = kTile * picture.width / longer, height = kTile * picture.height / longer;
  const double x = left + 0.5 * (kTile - width), y = top + 0.5 * (kTile - height);
  canvas.picture(picture.rgb, picture.width, picture.height, {x, y}, {x + width, y + height});
  if (!right) {
    const std::array<Point, 5> frame = {Point{left - 2, top - 2}, Point{left + kTile + 2, top - 2},
                                        Point{left + kTile + 2, top + kTile + 2},
                                        Point{left - 2, top + kTile + 2}, Point{left - 2, top - 2}};
    canvas.line(frame, kRed, 3.5);
  }
  const std::string share = format_fixed(picture.probability, 2);
  const double room = kTile - canvas.text_width(share, 9.5) - 8;
  canvas.text(fit_text(canvas, picture.prediction, 9.5, room), {left, top + kTile + 17}, 9.5,
              right ? kInk : kRed);
  canvas.text(share, {left + kTile, top + kTile + 17}, 9.5, right ? kInk : kRed, Align::right);
  const std::string below = right ? picture.id : concat("truth: ", picture.truth);
  canvas.text(fit_text(canvas, below, right ? 7.5 : 9.5, kTile), {left, top + kTile + 33}, right ? 7.5 : 9.5,
              right ? kFaint : kRed);
}

}  // namespace

data::Canvas draw_prediction_sheet(std::span<const PredictedPicture> pictures, int columns,
                                   const std::string& title) {
  require(columns >= 1, "draw_prediction_sheet: at least one column");
  const auto count = static_cast<int>(pictures.size());
  const int rows = std::max(1, (count + columns - 1) / columns);
  const int width = static_cast<int>(std::max(480.0, 2 * kMargin + columns * (kTile + kGap) - kGap));
  Canvas canvas(width, static_cast<int>(kHead + rows * (kTile + kCaption + kGap) + 8));
  const auto wrong = std::count_if(pictures.begin(), pictures.end(),
                                   [](const PredictedPicture& p) { return p.truth != p.prediction; });
  canvas.text(fit_text(canvas, title, 15, width - 2 * kMargin), {kMargin, 40}, 15, kInk);
  canvas.text(concat("prediction and its probability; ", wrong, " of ", count, " wrong, framed in red"),
              {kMargin, 66}, 9.5, kFaint);
  for (int i = 0; i < count; ++i)
    draw_tile(canvas, pictures[static_cast<std::size_t>(i)], kMargin + (i % columns) * (kTile + kGap),
              kHead + (i / columns) * (kTile + kCaption + kGap));
  return canvas;
}

}  // namespace cohort::report
