#include "cohort/report/confusion.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "report/axes.hpp"

namespace cohort::report {
namespace {

using train::Confusion;
using Names = std::vector<std::string>;

constexpr Colour kPaper{255, 255, 255}, kNone{244, 245, 247};

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

Layout lay_out(const Canvas& canvas, const Names& names) {
  Layout layout;
  const double classes = static_cast<double>(names.size());
  layout.cell = std::clamp(470.0 / classes, 30.0, 150.0);
  layout.text_height = std::clamp(0.17 * layout.cell, 8.0, 15.0);
  double widest = 0;
  for (const std::string& name : names) widest = std::max(widest, canvas.text_width(name, 10.5));
  layout.label_room = std::clamp(widest + 14, 70.0, 190.0);
  layout.names_upwards = widest > layout.cell - 8;
  layout.head_room = layout.names_upwards ? std::min(widest, 150.0) + 14 : 26;
  return layout;
}

/// The cells of one square: counts, or shares of each row in percent.
void draw_cells(Canvas& canvas, const Confusion& counts, const Layout& layout, Point corner, bool as_shares) {
  for (int r = 0; r < counts.classes; ++r) {
    const std::int64_t samples = counts.samples(r);
    for (int c = 0; c < counts.classes; ++c) {
      const Point at{corner.x + layout.cell * c, corner.y + layout.cell * r};
      const std::int64_t count = counts.at(r, c);
      const double share = samples > 0 ? static_cast<double>(count) / static_cast<double>(samples) : 0;
      canvas.rectangle(at, {at.x + layout.cell, at.y + layout.cell}, samples > 0 ? shade(share) : kNone,
                       true);
      std::string text = concat(count);
      if (as_shares) text = samples > 0 ? format_fixed(100 * share, 1) : "-";
      double height = layout.text_height;
      const double width = canvas.text_width(text, height);
      if (width > layout.cell - 6) height *= (layout.cell - 6) / width;
      canvas.text(text, {at.x + 0.5 * layout.cell, at.y + 0.5 * (layout.cell + height)}, height,
                  share > 0.6 ? kPaper : kInk, Align::centre);
    }
  }
}

/// Lines and names around a square, truth down the side and prediction along the top.
void draw_frame(Canvas& canvas, const Names& names, const Layout& layout, double left, double top) {
  const double side = layout.cell * static_cast<double>(names.size());
  for (std::size_t k = 0; k <= names.size(); ++k) {
    const double at = layout.cell * static_cast<double>(k);
    canvas.line(std::array{Point{left, top + at}, Point{left + side, top + at}}, kPaper, 1.5);
    canvas.line(std::array{Point{left + at, top}, Point{left + at, top + side}}, kPaper, 1.5);
  }
  canvas.rectangle({left, top}, {left + side, top + side}, kAxis, false);
  for (std::size_t k = 0; k < names.size(); ++k) {
    const double middle = layout.cell * (static_cast<double>(k) + 0.5);
    canvas.text(fit_text(canvas, names[k], 10.5, layout.label_room - 14), {left - 9, top + middle + 5}, 10.5,
                kInk, Align::right);
    if (layout.names_upwards)
      canvas.text_upwards(fit_text(canvas, names[k], 10.5, layout.head_room - 14),
                          {left + middle + 5, top - 9}, 10.5, kInk);
    else
      canvas.text(names[k], {left + middle, top - 9}, 10.5, kInk, Align::centre);
  }
  canvas.text("predicted", {left + 0.5 * side, top - layout.head_room - 8}, 10.5, kFaint, Align::centre);
  canvas.text_upwards("truth", {left - layout.label_room - 8, top + 0.5 * side}, 10.5, kFaint, Align::centre);
}

}  // namespace

data::Canvas draw_confusion_matrix(const std::vector<std::string>& classes, const train::Confusion& counts,
                                   const std::string& title, const std::string& split) {
  require(counts.classes > 0 && classes.size() == static_cast<std::size_t>(counts.classes),
          "draw_confusion_matrix: a name for each class");
  const Layout layout = lay_out(Canvas(1, 1), classes);
  const double side = layout.cell * counts.classes;
  const double square = layout.label_room + 44 + side;
  const double top = 136 + layout.head_room;
  Canvas canvas(static_cast<int>(std::max(620.0, 2 * square + 70)), static_cast<int>(top + side + 40));

  const auto shown = [](std::optional<double> share) {
    return share ? format_fixed(*share, 3) : std::string("-");
  };
  std::int64_t samples = 0;
  for (int truth = 0; truth < counts.classes; ++truth) samples += counts.samples(truth);
  canvas.text(fit_text(canvas, title, 16, canvas.width() - 48.0), {24, 42}, 16, kInk);
  canvas.text(concat(split, ": ", samples, " samples, accuracy ", shown(counts.accuracy()),
                     ", balanced accuracy ", shown(counts.balanced_accuracy())),
              {24, 68}, 10.5, kFaint);
  for (const bool as_shares : {false, true}) {
    const double left = layout.label_room + 44 + (as_shares ? square + 20 : 0.0);
    canvas.text(as_shares ? "share of each true class, %" : "counts", {left, 104}, 11.5, kInk);
    draw_cells(canvas, counts, layout, {left, top}, as_shares);
    draw_frame(canvas, classes, layout, left, top);
  }
  return canvas;
}

}  // namespace cohort::report
