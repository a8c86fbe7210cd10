#include "cohort/report/roc.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "report/axes.hpp"

namespace cohort::report {

RocCurve roc_curve(std::string name, std::span<const double> scores,
                   std::span<const std::uint8_t> is_positive) {
  require(scores.size() == is_positive.size(), "roc_curve: a truth for each score");
  RocCurve curve{std::move(name), {}, std::numeric_limits<double>::quiet_NaN()};
  const auto positives = static_cast<std::int64_t>(
      std::count_if(is_positive.begin(), is_positive.end(), [](std::uint8_t p) { return p != 0; }));
  const std::int64_t negatives = static_cast<std::int64_t>(scores.size()) - positives;
  if (positives == 0 || negatives == 0) return curve;

  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  curve.points.push_back({0, 0});
  std::int64_t found = 0, alarms = 0, twice_area = 0;
  for (std::size_t i = 0; i < order.size();) {
    std::int64_t new_found = 0, new_alarms = 0;
    for (const double score = scores[order[i]]; i < order.size() && scores[order[i]] == score; ++i)
      (is_positive[order[i]] != 0 ? new_found : new_alarms) += 1;
    twice_area += new_alarms * (2 * found + new_found);
    found += new_found;
    alarms += new_alarms;
    curve.points.push_back({static_cast<double>(alarms) / static_cast<double>(negatives),
                            static_cast<double>(found) / static_cast<double>(positives)});
  }
  curve.area = static_cast<double>(twice_area) /
               (2.0 * static_cast<double>(positives) * static_cast<double>(negatives));
  return curve;
}

data::Canvas draw_roc(std::span<const RocCurve> curves, const std::string& title, const std::string& split) {
  Canvas canvas(720, 760);
  canvas.text(fit_text(canvas, title, 16, 640), {84, 42}, 16, kInk);
  canvas.text(fit_text(canvas, split, 10.5, 600), {84, 68}, 10.5, kFaint);
  Panel panel{84, 120, 684, 700, {-0.01, 1.0}, {0.0, 1.01}};
  panel.draw_frame(canvas, "Sensitivity (true positive rate)", "1 - specificity (false positive rate)", 6, 6);
  for (int dash = 0; dash < 50; ++dash)
    canvas.line(std::array{panel.place(dash / 50.0, dash / 50.0),
                           panel.place((dash + 0.5) / 50.0, (dash + 0.5) / 50.0)},
                kAxis, 1.2);

  std::vector<std::string> labels;
  double widest = 0;
  for (const RocCurve& curve : curves) {
    const std::string area = std::isnan(curve.area) ? "not defined" : format_fixed(curve.area, 3);
    labels.push_back(concat(fit_text(canvas, curve.name, 10.5, 230), "  AUC ", area));
    widest = std::max(widest, canvas.text_width(labels.back(), 10.5));
  }
  const double text_left = panel.right - 16 - widest;
  double level = panel.bottom - 18 - 20.0 * (static_cast<double>(curves.size()) - 1);
  for (std::size_t k = 0; k < curves.size(); ++k, level += 20) {
    std::vector<double> xs, ys;
    for (const RocPoint& point : curves[k].points) {
      xs.push_back(point.false_positive_rate);
      ys.push_back(point.true_positive_rate);
    }
    panel.draw_curve(canvas, xs, ys, series_colour(k), 2.2, false);
    canvas.text(labels[k], {text_left, level}, 10.5, kInk);
    canvas.line(std::array{Point{text_left - 32, level - 5}, Point{text_left - 10, level - 5}},
                series_colour(k), 3);
  }
  return canvas;
}

}  // namespace cohort::report
