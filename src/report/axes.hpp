// Axes with ticks, grid, curves and a legend inside a box of a canvas.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cohort/data/canvas.hpp"

namespace cohort::report {

using data::Align;
using data::Canvas;
using data::Colour;
using data::Point;

inline constexpr Colour kInk{34, 38, 44}, kFaint{112, 118, 126}, kGrid{228, 231, 235}, kAxis{150, 156, 164};
inline constexpr Colour kBlue{31, 99, 168}, kOrange{222, 120, 32}, kGreen{38, 146, 88}, kRed{198, 52, 46};

/// The n-th of a set of colours that stay apart for colour-blind readers.
Colour series_colour(std::size_t n);

struct Range {
  double low = 0, high = 1;
};

/// The span of all finite values, widened a little; an empty or flat one becomes a sensible interval around
/// it.
Range range_of(std::span<const double> values);

/// About `count` round numbers (1, 2 or 5 times a power of ten apart) inside a range.
std::vector<double> round_ticks(Range range, int count);

/// A tick's label, with as many decimals as the distance between ticks needs.
std::string tick_label(double value, double step);

/// `text` shortened with ".." until it fits.
std::string fit_text(const Canvas& canvas, const std::string& text, double height, double width);

struct LegendEntry {
  std::string text;
  Colour colour;
};

/// A plotting area: `left, top, right, bottom` enclose the data; labels stand outside.
struct Panel {
  double left = 0, top = 0, right = 0, bottom = 0;
  Range x, y;

  [[nodiscard]] Point place(double at_x, double at_y) const;
  /// Grid, frame, ticks, axis names and the title above.
  void draw_frame(Canvas& canvas, const std::string& title, const std::string& x_name, int x_ticks = 6,
                  int y_ticks = 5) const;
  /// Joins finite points; with `dots` each is marked. A lone point is always marked.
  void draw_curve(Canvas& canvas, std::span<const double> xs, std::span<const double> ys, Colour colour,
                  double thickness, bool dots) const;
  /// Entries above the upper right corner, level with the title.
  void draw_legend(Canvas& canvas, std::span<const LegendEntry> entries) const;
  /// Says in grey that there is nothing to draw.
  void draw_empty(Canvas& canvas) const;
};

}  // namespace cohort::report
