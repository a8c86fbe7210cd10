#include "cohort/report/confusion.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "report/axes.hpp"

namespace cohort::report {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr Colour kPaper{255, 255, 255}, kNone{244, 245, 247};

std::int64_t row_sum(const ConfusionMatrix& m, std::size_t truth) {
  std::int64_t sum = 0;
  for (const std::int64_t n : m.counts[truth]) sum += n;
  return sum;
}

std::int64_t column_sum(const ConfusionMatrix& m, std::size_t prediction) {
  std::int64_t sum = 0;
  for (const auto& row : m.counts) sum += row[prediction];
  return sum;
}

std::int64_t total(const ConfusionMatrix& m) {
  std::int64_t sum = 0;
  for (std::size_t k = 0; k < m.classes.size(); ++k) sum += row_sum(m, k);
  return sum;
}

double ratio(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : kNaN;
}

void check(const ConfusionMatrix& m) {
  require(!m.classes.empty() && m.counts.size() == m.classes.size(),
          "ConfusionMatrix: a row of counts per class");
  for (const auto& row : m.counts)
    require(row.size() == m.classes.size(), "ConfusionMatrix: a square of counts");
}

/// White to deep blue.
Colour shade(double share) {
  constexpr std::array<std::array<double, 3>, 3> kRamp = {{{248, 250, 253}, {118, 169, 214}, {18, 66, 122}}};
  const double place = 2 * std::clamp(share, 0.0, 1.0);
  const std::size_t below = place < 1 ? 0 : 1;
  const double t = place - static_cast<double>(below);
  const auto mixed = [&](std::size_t c) {
    return static_cast<std::uint8_t>(
        std::lround(kRamp[below][c] + t * (kRamp[below + 1][c] - kRamp[below][c])));
  };
  return {mixed(0), mixed(1), mixed(2)};
}

struct Layout {
  double cell = 0, label_room = 0, head_room = 0, text_height = 0;
  bool names_upwards = false;
};

Layout lay_out(const Canvas& canvas, const ConfusionMatrix& m) {
  Layout layout;
  const double classes = static_cast<double>(m.classes.size());
  layout.cell = std::clamp(470.0 / classes, 30.0, 150.0);
  layout.text_height = std::clamp(0.17 * layout.cell, 8.0, 15.0);
  double widest = 0;
  for (const std::string& name : m.classes) widest = std::max(widest, canvas.text_width(name, 10.5));
  layout.label_room = std::clamp(widest + 14, 70.0, 190.0);
  layout.names_upwards = widest > layout.cell - 8;
  layout.head_room = layout.names_upwards ? std::min(widest, 150.0) + 14 : 26;
  return layout;
}

/// One square with names, truth down the side and prediction along the top.
void draw_square(Canvas& canvas, const ConfusionMatrix& m, const Layout& layout, double left, double top,
                 bool as_shares) {
  const double side = layout.cell * static_cast<double>(m.classes.size());
  for (std::size_t r = 0; r < m.classes.size(); ++r) {
    const std::int64_t samples = row_sum(m, r);
    for (std::size_t c = 0; c < m.classes.size(); ++c) {
      const double x = left + layout.cell * static_cast<double>(c),
                   y = top + layout.cell * static_cast<double>(r);
      const double share = ratio(m.counts[r][c], samples);
      canvas.rectangle({x, y}, {x + layout.cell, y + layout.cell}, samples > 0 ? shade(share) : kNone, true);
      std::string text = concat(m.counts[r][c]);
      if (as_shares) text = samples > 0 ? format_fixed(100 * share, 1) : "-";
      double height = layout.text_height;
      const double width = canvas.text_width(text, height);
      if (width > layout.cell - 6) height *= (layout.cell - 6) / width;
      canvas.text(text, {x + 0.5 * layout.cell, y + 0.5 * (layout.cell + height)}, height,
                  share > 0.6 ? kPaper : kInk, Align::centre);
    }
  }
  for (std::size_t k = 0; k <= m.classes.size(); ++k) {
    const double at = layout.cell * static_cast<double>(k);
    canvas.line(std::array{Point{left, top + at}, Point{left + side, top + at}}, kPaper, 1.5);
    canvas.line(std::array{Point{left + at, top}, Point{left + at, top + side}}, kPaper, 1.5);
  }
  canvas.rectangle({left, top}, {left + side, top + side}, kAxis, false);
  for (std::size_t k = 0; k < m.classes.size(); ++k) {
    const double middle = layout.cell * (static_cast<double>(k) + 0.5);
    canvas.text(fit_text(canvas, m.classes[k], 10.5, layout.label_room - 14), {left - 9, top + middle + 5},
                10.5, kInk, Align::right);
    if (layout.names_upwards)
      canvas.text_upwards(fit_text(canvas, m.classes[k], 10.5, layout.head_room - 14),
                          {left + middle + 5, top - 9}, 10.5, kInk);
    else
      canvas.text(m.classes[k], {left + middle, top - 9}, 10.5, kInk, Align::centre);
  }
  canvas.text("predicted", {left + 0.5 * side, top - layout.head_room - 8}, 10.5, kFaint, Align::centre);
  canvas.text_upwards("truth", {left - layout.label_room - 8, top + 0.5 * side}, 10.5, kFaint, Align::centre);
}

}  // namespace

double accuracy(const ConfusionMatrix& matrix) {
  std::int64_t right = 0;
  for (std::size_t k = 0; k < matrix.classes.size(); ++k) right += matrix.counts[k][k];
  return ratio(right, total(matrix));
}

double balanced_accuracy(const ConfusionMatrix& matrix) {
  double sum = 0;
  int classes = 0;
  for (std::size_t k = 0; k < matrix.classes.size(); ++k) {
    const std::int64_t samples = row_sum(matrix, k);
    if (samples == 0) continue;
    sum += ratio(matrix.counts[k][k], samples);
    ++classes;
  }
  return classes > 0 ? sum / classes : kNaN;
}

data::Canvas draw_confusion_matrix(const ConfusionMatrix& matrix, const std::string& title,
                                   const std::string& split) {
  check(matrix);
  const Layout layout = lay_out(Canvas(1, 1), matrix);
  const double side = layout.cell * static_cast<double>(matrix.classes.size());
  const double square = layout.label_room + 44 + side;
  const double top = 136 + layout.head_room;
  Canvas canvas(static_cast<int>(std::max(620.0, 2 * square + 70)), static_cast<int>(top + side + 40));

  const auto shown = [](double share) {
    return std::isnan(share) ? std::string("-") : format_fixed(share, 3);
  };
  canvas.text(fit_text(canvas, title, 16, canvas.width() - 48.0), {24, 42}, 16, kInk);
  canvas.text(concat(split, ": ", total(matrix), " samples, accuracy ", shown(accuracy(matrix)),
                     ", balanced accuracy ", shown(balanced_accuracy(matrix))),
              {24, 68}, 10.5, kFaint);
  for (const bool as_shares : {false, true}) {
    const double left = layout.label_room + 44 + (as_shares ? square + 20 : 0.0);
    canvas.text(as_shares ? "share of each true class, %" : "counts", {left, 104}, 11.5, kInk);
    draw_square(canvas, matrix, layout, left, top, as_shares);
  }
  return canvas;
}

Table class_table(const ConfusionMatrix& matrix) {
  check(matrix);
  const auto shown = [](double share) {
    return std::isnan(share) ? std::string("-") : format_fixed(share, 3);
  };
  Table table{{"class", "samples", "recall", "precision", "F1", "most often taken for"}, {}};
  for (std::size_t k = 0; k < matrix.classes.size(); ++k) {
    const std::int64_t samples = row_sum(matrix, k), predicted = column_sum(matrix, k),
                       right = matrix.counts[k][k];
    std::size_t other = k;
    for (std::size_t c = 0; c < matrix.classes.size(); ++c)
      if (c != k && matrix.counts[k][c] > 0 && (other == k || matrix.counts[k][c] > matrix.counts[k][other]))
        other = c;
    const std::string confused =
        other == k ? "-" : concat(matrix.classes[other], " (", matrix.counts[k][other], ")");
    table.rows.push_back({matrix.classes[k], concat(samples), shown(ratio(right, samples)),
                          shown(ratio(right, predicted)), shown(ratio(2 * right, samples + predicted)),
                          confused});
  }
  return table;
}

}  // namespace cohort::report
