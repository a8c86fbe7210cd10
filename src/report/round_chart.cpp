#include "report/round_chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "cohort/core/text.hpp"
#include "report/html.hpp"
#include "report/round_words.hpp"

namespace cohort::report {
namespace {

constexpr double kWidth = 860, kHeight = 310, kLeft = 66, kRight = 24, kTop = 26, kBottom = 40;
constexpr std::size_t kMostLabels = 8;

enum class Mark { merged, accepted, refused };

std::string at(double value) {
  return format_fixed(value, 1);
}

std::string mark(Mark kind, double x, double y, double radius) {
  if (kind == Mark::refused)
    return concat("<path class=\"refused\" d=\"M", at(x - radius), " ", at(y - radius), "L", at(x + radius),
                  " ", at(y + radius), "M", at(x - radius), " ", at(y + radius), "L", at(x + radius), " ",
                  at(y - radius), "\"/>");
  return concat("<circle class=\"", kind == Mark::merged ? "merged" : "accepted", "\" cx=\"", at(x),
                "\" cy=\"", at(y), "\" r=\"", at(radius), "\"/>");
}

std::string text_at(double x, double y, std::string_view style, std::string_view text) {
  return element("text", concat("class=\"", style, "\" x=\"", at(x), "\" y=\"", at(y), "\""), text);
}

/// Whole percents at which the axis has lines.
struct Axis {
  int low = 0, high = 100, step = 20;
};

Axis axis_over(double low, double high) {
  constexpr std::array<int, 5> kSteps{1, 2, 5, 10, 20};
  for (const int step : kSteps) {
    Axis axis{static_cast<int>(std::floor(low / step)) * step,
              static_cast<int>(std::ceil(high / step)) * step, step};
    if (axis.high == axis.low) axis.low = std::max(0, axis.low - step);
    if (axis.high == axis.low) axis.high += step;
    if ((axis.high - axis.low) / step <= 6) return axis;
  }
  return {};
}

double percent(std::int64_t correct, const round::RoundRecord& record) {
  return 100.0 * static_cast<double>(correct) / static_cast<double>(record.validation_images);
}

class Chart {
 public:
  explicit Chart(std::span<const round::RoundRecord> records) {
    for (const round::RoundRecord& record : records)
      if (record.validation_images > 0) records_.push_back(&record);
    if (records_.empty()) return;
    double low = percent(records_.front()->incumbent_validation, *records_.front()), high = low;
    const auto see = [&](std::int64_t correct, const round::RoundRecord& record) {
      if (correct < 0) return;
      low = std::min(low, percent(correct, record));
      high = std::max(high, percent(correct, record));
    };
    for (const round::RoundRecord* record : records_) {
      see(record->merged_validation, *record);
      for (const round::Finding& finding : record->findings) see(finding.validation_correct, *record);
    }
    axis_ = axis_over(low, high);
  }

  [[nodiscard]] std::string figure() const {
    if (records_.empty()) return {};
    const std::string drawing = element(
        "svg",
        concat("viewBox=\"0 0 ", kWidth, " ", kHeight, "\" role=\"img\" aria-label=\"", summary(), "\""),
        grid() + dots() + line());
    return element("figure", "class=\"chart\"", drawing + element("figcaption", "", legend()));
  }

 private:
  [[nodiscard]] double band() const {
    return (kWidth - kLeft - kRight) / static_cast<double>(records_.size());
  }
  [[nodiscard]] double x_after(std::size_t rounds) const {
    return kLeft + band() * static_cast<double>(rounds);
  }
  [[nodiscard]] double y_of(double value) const {
    const double place = (value - axis_.low) / static_cast<double>(axis_.high - axis_.low);
    return kHeight - kBottom - place * (kHeight - kTop - kBottom);
  }

  [[nodiscard]] std::string summary() const {
    return concat("Share of correct answers on the common validation set: ",
                  format_fixed(percent(records_.front()->incumbent_validation, *records_.front()), 1),
                  " percent before the first round, ",
                  format_fixed(percent(records_.back()->merged_validation, *records_.back()), 1),
                  " percent after round ", records_.back()->round);
  }

  [[nodiscard]] std::string grid() const {
    std::string svg;
    for (std::size_t i = 1; i < records_.size(); i += 2)
      svg += concat("<rect class=\"band\" x=\"", at(x_after(i)), "\" y=\"", at(kTop), "\" width=\"",
                    at(band()), "\" height=\"", at(kHeight - kTop - kBottom), "\"/>");
    for (int value = axis_.low; value <= axis_.high; value += axis_.step) {
      svg += concat("<line class=\"rule\" x1=\"", at(kLeft), "\" x2=\"", at(kWidth - kRight), "\" y1=\"",
                    at(y_of(value)), "\" y2=\"", at(y_of(value)), "\"/>");
      svg += text_at(kLeft - 8, y_of(value) + 4.5, "end", concat(value, "\xE2\x80\xAF%"));
    }
    const std::size_t every = (records_.size() + kMostLabels - 1) / kMostLabels;
    for (std::size_t i = 0; i < records_.size(); i += every)
      svg += text_at(x_after(i) + band() / 2, kHeight - kBottom + 24, "mid",
                     concat(every == 1 ? "round " : "", records_[i]->round));
    return svg;
  }

  /// Members side by side in the round's band, in their order.
  [[nodiscard]] std::string dots() const {
    std::string svg;
    for (std::size_t r = 0; r < records_.size(); ++r) {
      const round::RoundRecord& record = *records_[r];
      const auto count = static_cast<double>(record.findings.size());
      const double radius = std::clamp(band() / count / 4, 2.0, 5.0);
      for (std::size_t i = 0; i < record.findings.size(); ++i) {
        const round::Finding& finding = record.findings[i];
        if (finding.validation_correct < 0) continue;
        const double place = 0.14 + 0.72 * (static_cast<double>(i) + 0.5) / count;
        const std::string title = concat(escaped(finding.member), ": ", finding.validation_correct, " of ",
                                         record.validation_images, ", ", name_of(finding.verdict));
        svg += element(
            "g", "",
            element("title", "", title) + mark(kind_of(record, finding), x_after(r) + band() * place,
                                               y_of(percent(finding.validation_correct, record)), radius));
      }
    }
    return svg;
  }

  static Mark kind_of(const round::RoundRecord& record, const round::Finding& finding) {
    if (std::ranges::find(record.merged, finding.candidate) != record.merged.end()) return Mark::merged;
    return may_merge(finding.verdict) ? Mark::accepted : Mark::refused;
  }

  [[nodiscard]] std::string line() const {
    std::string path, marks;
    for (std::size_t i = 0; i <= records_.size(); ++i) {
      const round::RoundRecord& record = *records_[i == 0 ? 0 : i - 1];
      const std::int64_t correct = i == 0 ? record.incumbent_validation : record.merged_validation;
      const double x = x_after(i), y = y_of(percent(correct, record));
      path += concat(i == 0 ? "M" : "L", at(x), " ", at(y));
      const bool has_label = i == 0 || i == records_.size() || records_.size() <= kMostLabels;
      if (records_.size() <= 4 * kMostLabels || has_label)
        marks += element(
            "g", "",
            element(
                "title", "",
                concat(i == 0 ? std::string("before the first round") : concat("after round ", record.round),
                       ": ", correct, " of ", record.validation_images)) +
                concat("<circle class=\"model\" cx=\"", at(x), "\" cy=\"", at(y), "\" r=\"5.5\"/>"));
      if (has_label)
        marks += text_at(x, y - 12,
                         i == 0                 ? "value start"
                         : i == records_.size() ? "value end"
                                                : "value mid",
                         concat(correct));
    }
    return concat("<path class=\"model-line\" d=\"", path, "\"/>", marks);
  }

  [[nodiscard]] std::string legend() const {
    const auto sample = [](std::string_view drawing, std::string_view words) {
      return element(
          "span", "class=\"key\"",
          element("svg", "viewBox=\"0 0 18 14\" aria-hidden=\"true\"", drawing) + std::string(words));
    };
    std::array<bool, 3> is_there{};
    for (const round::RoundRecord* record : records_)
      for (const round::Finding& finding : record->findings)
        if (finding.validation_correct >= 0)
          is_there[static_cast<std::size_t>(kind_of(*record, finding))] = true;
    std::string keys = sample(
        "<path class=\"model-line\" d=\"M0 7L18 7\"/><circle class=\"model\" cx=\"9\" cy=\"7\" r=\"4\"/>",
        concat("the common model (correct of ", records_.back()->validation_images, ")"));
    if (is_there[0]) keys += sample(mark(Mark::merged, 9, 7, 4.5), "a member's, in the round's model");
    if (is_there[1]) keys += sample(mark(Mark::accepted, 9, 7, 4.5), "a member's, accepted, not in it");
    if (is_there[2]) keys += sample(mark(Mark::refused, 9, 7, 4.5), "a member's, refused");
    return keys;
  }

  std::vector<const round::RoundRecord*> records_;
  Axis axis_;
};

}  // namespace

std::string round_chart(std::span<const round::RoundRecord> records) {
  return Chart(records).figure();
}

}  // namespace cohort::report
