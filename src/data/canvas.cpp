#include "cohort/data/canvas.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/atomic_file.hpp"
#include "data/drawn_text.hpp"
#include "data/png.hpp"

namespace cohort::data {
namespace {

// Everything is drawn this many times larger and averaged at the end: smooth edges for every shape and
// letter.
constexpr int kOversampling = 4;
// OpenCV takes coordinates as integers with this many fractional bits.
constexpr int kFractionBits = 4;
constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr double kFontCapital = 21.0;  // height of a capital letter at font scale 1
constexpr double kStroke = 0.135;      // stroke width / capital height
constexpr int kLargestSide = 8192;

cv::Scalar ink(Colour colour) {
  return {double(colour.red), double(colour.green), double(colour.blue)};
}

/// The pixel centres of the large picture lie half a large pixel from its corner.
cv::Point fixed_point(Point at) {
  const double scale = kOversampling * (1 << kFractionBits), half = 0.5 * (1 << kFractionBits);
  const auto large = [&](double v) {
    return static_cast<int>(std::lround(std::clamp(v, -10000.0, 20000.0) * scale - half));
  };
  return {large(at.x), large(at.y)};
}

int whole(double v) {
  return static_cast<int>(std::lround(std::clamp(v, -20000.0, 20000.0) * kOversampling));
}

/// Text in the large picture's pixels. The font's own blanks and hyphens are too wide for running text, so
/// words are set one by one with narrower ones between.
class Lettering {
 public:
  Lettering(std::string_view text, double height)
      : text_(drawn_text(text)),
        height_(std::clamp(height, 1.0, 400.0) * kOversampling),
        stroke_(std::max(1, static_cast<int>(std::lround(kStroke * height_)))) {}

  [[nodiscard]] int height() const { return static_cast<int>(std::lround(height_)); }
  [[nodiscard]] int width() const {
    int width = 0;
    for_each_piece([&](std::string_view piece, int) { width += advance(piece); });
    return width;
  }
  /// `origin` is the baseline's left end.
  void draw(cv::Mat& sheet, cv::Point origin, const cv::Scalar& colour) const {
    for_each_piece([&](std::string_view piece, int left) {
      const cv::Point at(origin.x + left, origin.y);
      if (piece == "-") {
        const int level = at.y - static_cast<int>(0.42 * height_);
        cv::line(sheet, {at.x + static_cast<int>(0.12 * height_), level},
                 {at.x + static_cast<int>(0.42 * height_), level}, colour, stroke_, cv::LINE_AA);
      } else if (piece.front() == kEmptyBox) {
        cv::rectangle(sheet, {at.x + static_cast<int>(0.1 * height_), at.y},
                      {at.x + static_cast<int>(0.7 * height_), at.y - static_cast<int>(height_)}, colour,
                      std::max(1, stroke_ / 2), cv::LINE_AA);
      } else if (piece != " ") {
        cv::putText(sheet, std::string(piece), at, kFont, height_ / kFontCapital, colour, stroke_,
                    cv::LINE_AA);
      }
    });
  }

 private:
  [[nodiscard]] int advance(std::string_view piece) const {
    if (piece == " ") return static_cast<int>(0.42 * height_);
    if (piece == "-") return static_cast<int>(0.54 * height_);
    if (piece.front() == kEmptyBox) return static_cast<int>(0.85 * height_);
    int below = 0;
    const cv::Size size = cv::getTextSize(std::string(piece), kFont, height_ / kFontCapital, stroke_, &below);
    return size.width - stroke_;
  }
  static constexpr std::string_view kAlone{" -\x7F"};  ///< blank, hyphen, kEmptyBox

  /// Blanks, hyphens and boxes one by one, words whole; `left` is where a piece starts.
  template <typename Visit>
  void for_each_piece(Visit visit) const {
    int left = 0;
    for (std::size_t at = 0; at < text_.size();) {
      const bool alone = kAlone.find(text_[at]) != std::string_view::npos;
      const std::size_t end = alone ? at + 1 : std::min(text_.find_first_of(kAlone, at), text_.size());
      const std::string_view piece = std::string_view(text_).substr(at, end - at);
      visit(piece, left);
      left += advance(piece);
      at = end;
    }
  }

  std::string text_;
  double height_;
  int stroke_;
};

double shift_of(Align align) {
  return align == Align::left ? 0.0 : (align == Align::centre ? 0.5 : 1.0);
}

}  // namespace

struct Canvas::State {
  int width = 0, height = 0;
  cv::Mat sheet;  ///< RGB, kOversampling times larger
};

Canvas::Canvas(int width, int height) : state_(std::make_unique<State>()) {
  require(width > 0 && height > 0 && width <= kLargestSide && height <= kLargestSide,
          "Canvas: sides are 1 to 8192 pixels");
  state_->width = width;
  state_->height = height;
  state_->sheet = cv::Mat(height * kOversampling, width * kOversampling, CV_8UC3, cv::Scalar(255, 255, 255));
}
Canvas::~Canvas() = default;
Canvas::Canvas(Canvas&&) noexcept = default;

int Canvas::width() const {
  return state_->width;
}
int Canvas::height() const {
  return state_->height;
}

void Canvas::line(std::span<const Point> points, Colour colour, double thickness) {
  std::vector<cv::Point> path;
  for (const Point& p : points)
    if (std::isfinite(p.x) && std::isfinite(p.y)) path.push_back(fixed_point(p));
  if (path.empty()) return;
  if (path.size() == 1) path.push_back(path.front());
  // Smoothing adds most of a large pixel on either side, and odd widths grow by one more.
  const int stroke =
      2 * std::clamp(static_cast<int>(std::lround(0.5 * thickness * kOversampling - 0.75)), 1, 200);
  cv::polylines(state_->sheet, path, false, ink(colour), stroke, cv::LINE_AA, kFractionBits);
}

void Canvas::rectangle(Point top_left, Point bottom_right, Colour colour, bool filled) {
  if (filled) {
    const cv::Rect box(cv::Point(whole(top_left.x), whole(top_left.y)),
                       cv::Point(whole(bottom_right.x), whole(bottom_right.y)));
    state_->sheet(box & cv::Rect(0, 0, state_->sheet.cols, state_->sheet.rows)).setTo(ink(colour));
    return;
  }
  const std::array<Point, 5> corners = {top_left, Point{bottom_right.x, top_left.y}, bottom_right,
                                        Point{top_left.x, bottom_right.y}, top_left};
  line(corners, colour, 1.0);
}

void Canvas::circle(Point centre, double radius, Colour colour, bool filled) {
  if (!std::isfinite(centre.x) || !std::isfinite(centre.y) || !(radius >= 0)) return;
  const int large =
      static_cast<int>(std::lround(std::min(radius, 20000.0) * kOversampling * (1 << kFractionBits)));
  cv::circle(state_->sheet, fixed_point(centre), large, ink(colour),
             filled ? static_cast<int>(cv::FILLED) : kOversampling * 3 / 2, cv::LINE_AA, kFractionBits);
}

void Canvas::text(std::string_view text, Point at, double height, Colour colour, Align align) {
  const Lettering letters(text, height);
  const int left = whole(at.x) - static_cast<int>(shift_of(align) * letters.width());
  letters.draw(state_->sheet, {left, whole(at.y)}, ink(colour));
}

void Canvas::text_upwards(std::string_view text, Point at, double height, Colour colour, Align align) {
  const Lettering letters(text, height);
  const int margin = letters.height(), width = letters.width();
  // Coverage of the letters on a strip of their own, turned, then laid over the sheet as ink.
  cv::Mat strip(3 * margin, width + 2 * margin, CV_8UC1, cv::Scalar(0));
  letters.draw(strip, {margin, 2 * margin}, cv::Scalar(255));
  cv::Mat turned;
  cv::rotate(strip, turned, cv::ROTATE_90_COUNTERCLOCKWISE);
  const int left = whole(at.x) - 2 * margin;
  const int top = whole(at.y) + static_cast<int>(shift_of(align) * width) - width - margin;
  const cv::Rect target =
      cv::Rect(left, top, turned.cols, turned.rows) & cv::Rect(0, 0, state_->sheet.cols, state_->sheet.rows);
  if (target.empty()) return;
  const cv::Mat mask = turned(target - cv::Point(left, top));
  cv::Mat onto = state_->sheet(target);
  const std::array<int, 3> wanted = {colour.red, colour.green, colour.blue};
  for (int row = 0; row < mask.rows; ++row)
    for (int column = 0; column < mask.cols; ++column) {
      const int cover = mask.at<std::uint8_t>(row, column);
      auto& pixel = onto.at<cv::Vec3b>(row, column);
      for (int c = 0; c < 3; ++c)
        pixel[c] = static_cast<std::uint8_t>(
            (pixel[c] * (255 - cover) + wanted[static_cast<std::size_t>(c)] * cover + 127) / 255);
    }
}

double Canvas::text_width(std::string_view text, double height) const {
  return static_cast<double>(Lettering(text, height).width()) / kOversampling;
}

void Canvas::picture(std::span<const std::uint8_t> rgb, int picture_width, int picture_height, Point top_left,
                     Point bottom_right) {
  require(picture_width > 0 && picture_height > 0 &&
              rgb.size() ==
                  3 * static_cast<std::size_t>(picture_width) * static_cast<std::size_t>(picture_height),
          "Canvas::picture: the pixels fill the picture");
  const int left = whole(top_left.x), top = whole(top_left.y);
  const int wide = whole(bottom_right.x) - left, high = whole(bottom_right.y) - top;
  for (int j = std::max(0, -top); j < high && top + j < state_->sheet.rows; ++j) {
    const auto row = static_cast<std::size_t>(static_cast<std::int64_t>(j) * picture_height / high);
    const std::uint8_t* from = rgb.data() + 3 * row * static_cast<std::size_t>(picture_width);
    auto* to = state_->sheet.ptr<cv::Vec3b>(top + j);
    for (int i = std::max(0, -left); i < wide && left + i < state_->sheet.cols; ++i) {
      const auto column = static_cast<std::size_t>(static_cast<std::int64_t>(i) * picture_width / wide);
      for (int c = 0; c < 3; ++c) to[left + i][c] = from[3 * column + static_cast<std::size_t>(c)];
    }
  }
}

void Canvas::save_png(const std::filesystem::path& path) const {
  cv::Mat small;
  cv::resize(state_->sheet, small, cv::Size(state_->width, state_->height), 0, 0, cv::INTER_AREA);
  const std::vector<std::uint8_t> bytes =
      encode_png({small.data, small.total() * small.elemSize()}, state_->width, state_->height, 3);
  store::write_atomically(path,
                          [&](const std::filesystem::path& temporary) { write_bytes(temporary, bytes); });
}

}  // namespace cohort::data
