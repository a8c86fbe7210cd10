#include "cohort/report/training_curves.hpp"

#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "cohort/core/text.hpp"
#include "report/axes.hpp"

namespace cohort::report {
namespace {

constexpr int kWidth = 1240, kHeight = 920;
constexpr std::size_t kMostDots = 45;  // more points than this stand too close for dots

struct Series {
  std::string name;
  Colour colour;
  double CurvePoint::*value;
};

std::vector<double> column(std::span<const CurvePoint> points, double CurvePoint::*value) {
  std::vector<double> result;
  for (const CurvePoint& point : points) result.push_back(point.*value);
  return result;
}

bool any_finite(std::span<const double> values) {
  for (const double v : values)
    if (std::isfinite(v)) return true;
  return false;
}

/// Panel number 0 … 3, row by row.
Panel panel_at(int number, Range epochs) {
  Panel panel;
  panel.left = 84 + (number % 2) * 608.0;
  panel.right = panel.left + 520;
  panel.top = 132 + (number / 2) * 404.0;
  panel.bottom = panel.top + 296;
  panel.x = epochs;
  return panel;
}

Panel draw_panel(Canvas& canvas, Panel panel, std::span<const CurvePoint> points, const std::string& title,
                 const std::vector<Series>& series, std::optional<Range> limits) {
  const std::vector<double> epochs = column(points, &CurvePoint::epoch);
  std::vector<double> all;
  std::vector<LegendEntry> legend;
  for (const Series& one : series) {
    const std::vector<double> values = column(points, one.value);
    all.insert(all.end(), values.begin(), values.end());
    if (any_finite(values)) legend.push_back({one.name, one.colour});
  }
  panel.y = range_of(all);
  if (limits) {
    panel.y.low = std::max(panel.y.low, limits->low);
    panel.y.high = std::min(panel.y.high, limits->high);
  }
  panel.draw_frame(canvas, title, "epoch", 10, 6);
  for (const Series& one : series)
    panel.draw_curve(canvas, epochs, column(points, one.value), one.colour, 2.2, points.size() <= kMostDots);
  if (legend.empty())
    panel.draw_empty(canvas);
  else if (series.size() > 1)
    panel.draw_legend(canvas, legend);
  return panel;
}

/// Where a select metric is drawn: in which panel, from which column, and whether less is better.
struct Selected {
  std::size_t panel;
  double CurvePoint::*value;
  bool less_is_better = false;
};

Selected selected(const std::string& metric) {
  if (metric == "loss") return {0, &CurvePoint::validation_loss, true};
  if (metric == "accuracy") return {1, &CurvePoint::accuracy};
  if (metric == "auc_macro") return {2, &CurvePoint::auc};
  return {2, &CurvePoint::balanced_accuracy};
}

/// A ring around the best point, and its value below the panel.
void mark_best(Canvas& canvas, const Panel& panel, std::span<const CurvePoint> points,
               const Selected& chosen) {
  const CurvePoint* best = nullptr;
  for (const CurvePoint& point : points) {
    const double value = point.*chosen.value;
    if (!std::isfinite(value)) continue;
    const bool is_better =
        best && (chosen.less_is_better ? value < best->*chosen.value : value > best->*chosen.value);
    if (!best || is_better) best = &point;
  }
  if (!best) return;
  const double value = best->*chosen.value;
  canvas.circle(panel.place(best->epoch, value), 7, kRed, false);
  const bool whole = best->epoch == std::floor(best->epoch);
  // Level with the axis's name: inside the panel no corner is free of every curve.
  canvas.text(concat("best ", format_fixed(value, 3), " at epoch ", format_fixed(best->epoch, whole ? 0 : 1)),
              {panel.right, panel.bottom + 37}, 9.5, kRed, Align::right);
}

}  // namespace

data::Canvas draw_training_curves(std::span<const CurvePoint> points, const CurvesText& text) {
  Canvas canvas(kWidth, kHeight);
  canvas.text(fit_text(canvas, text.title, 18, kWidth - 168), {84, 46}, 18, kInk);
  canvas.text(fit_text(canvas, text.subtitle, 11, kWidth - 168), {84, 76}, 11, kFaint);

  const std::vector<double> epochs = column(points, &CurvePoint::epoch);
  Range span = range_of(epochs);
  if (points.empty()) span = {0, 1};
  const Range share{0.0, 1.0};
  const std::array<Panel, 4> panels = {
      draw_panel(canvas, panel_at(0, span), points, "Loss",
                 {{"training", kBlue, &CurvePoint::train_loss},
                  {"validation", kOrange, &CurvePoint::validation_loss}},
                 {}),
      draw_panel(
          canvas, panel_at(1, span), points, "Accuracy",
          {{"training", kBlue, &CurvePoint::train_accuracy}, {"validation", kOrange, &CurvePoint::accuracy}},
          share),
      draw_panel(
          canvas, panel_at(2, span), points, "On validation",
          {{"balanced accuracy", kOrange, &CurvePoint::balanced_accuracy}, {"AUC", kGreen, &CurvePoint::auc}},
          share),
      draw_panel(canvas, panel_at(3, span), points, "Learning rate",
                 {{"", kGreen, &CurvePoint::learning_rate}}, {})};
  const Selected chosen = selected(text.select_metric);
  mark_best(canvas, panels[chosen.panel], points, chosen);
  return canvas;
}

}  // namespace cohort::report
