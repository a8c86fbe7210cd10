#include "report/axes.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "cohort/core/text.hpp"

namespace cohort::report {
namespace {

constexpr double kLabel = 9.5, kTitle = 12.0;  // heights of capital letters

double tick_step(Range range, int count) {
  const double rough = (range.high - range.low) / std::max(1, count);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough * 0.999) return factor * power;
  return 10.0 * power;
}

}  // namespace

Colour series_colour(std::size_t n) {
  static constexpr std::array<Colour, 8> kColours = {
      {kBlue, kOrange, kGreen, kRed, {126, 87, 180}, {24, 160, 170}, {150, 100, 60}, {205, 90, 150}}};
  return kColours[n % kColours.size()];
}

Range range_of(std::span<const double> values) {
  Range range{HUGE_VAL, -HUGE_VAL};
  for (const double v : values) {
    if (!std::isfinite(v)) continue;
    range.low = std::min(range.low, v);
    range.high = std::max(range.high, v);
  }
  if (range.low > range.high) return {0, 1};
  const double size = std::max(std::abs(range.low), std::abs(range.high));
  if (range.high - range.low < 1e-9 * size || range.high == range.low) {
    const double around = size > 0 ? 0.5 * size : 0.5;
    return {range.low - around, range.high + around};
  }
  const double margin = 0.04 * (range.high - range.low);
  return {range.low - margin, range.high + margin};
}

std::vector<double> round_ticks(Range range, int count) {
  const double step = tick_step(range, count);
  std::vector<double> ticks;
  for (double k = std::ceil(range.low / step - 1e-6); k * step <= range.high + 1e-6 * step; k += 1)
    ticks.push_back(k * step);
  return ticks;
}

std::string tick_label(double value, double step) {
  const double size = std::max(std::abs(value), std::abs(step));
  if (std::abs(value) < 1e-6 * step) return "0";
  if (size < 1e-3 || size >= 1e6) {
    const double exponent = std::floor(std::log10(std::abs(value)) + 1e-9);
    const double mantissa = value / std::pow(10.0, exponent);
    const bool whole = std::abs(mantissa - std::round(mantissa)) < 1e-6;
    return concat(format_fixed(mantissa, whole ? 0 : 1), "e", static_cast<int>(exponent));
  }
  const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-6)), 0, 6);
  return format_fixed(value, decimals);
}

std::string fit_text(const Canvas& canvas, const std::string& text, double height, double width) {
  if (canvas.text_width(text, height) <= width) return text;
  std::string shorter = text;
  while (!shorter.empty() && canvas.text_width(shorter + "..", height) > width) {
    while (!shorter.empty() && (static_cast<unsigned char>(shorter.back()) & 0xC0U) == 0x80U)
      shorter.pop_back();
    if (!shorter.empty()) shorter.pop_back();
  }
  return shorter + "..";
}

Point Panel::place(double at_x, double at_y) const {
  return {left + (at_x - x.low) / (x.high - x.low) * (right - left),
          bottom - (at_y - y.low) / (y.high - y.low) * (bottom - top)};
}

void Panel::draw_frame(Canvas& canvas, const std::string& title, const std::string& x_name, int x_ticks,
                       int y_ticks) const {
  const double step_x = tick_step(x, x_ticks), step_y = tick_step(y, y_ticks);
  for (const double tick : round_ticks(x, x_ticks)) {
    const double at = place(tick, y.low).x;
    canvas.line(std::array{Point{at, top}, Point{at, bottom}}, kGrid, 1);
    canvas.line(std::array{Point{at, bottom}, Point{at, bottom + 4}}, kAxis, 1);
    canvas.text(tick_label(tick, step_x), {at, bottom + 8 + kLabel}, kLabel, kFaint, Align::centre);
  }
  for (const double tick : round_ticks(y, y_ticks)) {
    const double at = place(x.low, tick).y;
    canvas.line(std::array{Point{left, at}, Point{right, at}}, kGrid, 1);
    canvas.line(std::array{Point{left - 4, at}, Point{left, at}}, kAxis, 1);
    canvas.text(tick_label(tick, step_y), {left - 8, at + 0.5 * kLabel}, kLabel, kFaint, Align::right);
  }
  canvas.line(std::array{Point{left, top}, Point{left, bottom}, Point{right, bottom}}, kAxis, 1.25);
  canvas.text(title, {left, top - 13}, kTitle, kInk);
  if (!x_name.empty())
    canvas.text(x_name, {0.5 * (left + right), bottom + 17 + 2.1 * kLabel}, kLabel, kFaint, Align::centre);
}

void Panel::draw_curve(Canvas& canvas, std::span<const double> xs, std::span<const double> ys, Colour colour,
                       double thickness, bool dots) const {
  std::vector<Point> path;
  for (std::size_t i = 0; i < xs.size() && i < ys.size(); ++i)
    if (std::isfinite(xs[i]) && std::isfinite(ys[i])) path.push_back(place(xs[i], ys[i]));
  if (path.size() > 1) canvas.line(path, colour, thickness);
  if (dots || path.size() == 1)
    for (const Point& p : path) canvas.circle(p, 1.1 + thickness, colour, true);
}

void Panel::draw_legend(Canvas& canvas, std::span<const LegendEntry> entries) const {
  double end = right;
  for (std::size_t i = entries.size(); i-- > 0;) {
    const double width = canvas.text_width(entries[i].text, kLabel);
    canvas.text(entries[i].text, {end, top - 13}, kLabel, kInk, Align::right);
    const double mark = end - width - 7, level = top - 13 - 0.5 * kLabel;
    canvas.line(std::array{Point{mark - 18, level}, Point{mark, level}}, entries[i].colour, 2.5);
    end = mark - 34;
  }
}

void Panel::draw_empty(Canvas& canvas) const {
  canvas.text("no values", {0.5 * (left + right), 0.5 * (top + bottom)}, kLabel, kFaint, Align::centre);
}

}  // namespace cohort::report
