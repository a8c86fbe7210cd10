// Drawing for reports: lines, rectangles, text and pictures on a white sheet, saved as PNG.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace cohort::data {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
};
struct Point {
  double x = 0, y = 0;  ///< pixels from the top left corner
};
enum class Align { left, centre, right };

/// Whether all letters of a UTF-8 text can be drawn: ASCII, and Latin letters with marks, which are drawn
/// without them ("Läsion" as "Lasion"). A letter of another script is drawn as an empty box.
bool is_drawable(std::string_view text);

class Canvas {
 public:
  Canvas(int width, int height);
  ~Canvas();
  Canvas(Canvas&&) noexcept;
  void line(std::span<const Point> points, Colour colour, double thickness = 1.5);
  void rectangle(Point top_left, Point bottom_right, Colour colour, bool filled);
  void circle(Point centre, double radius, Colour colour, bool filled);
  /// `height` is the capital letters' height in pixels; `at` is the baseline's left, centre or right end.
  void text(std::string_view text, Point at, double height, Colour colour, Align align = Align::left);
  /// Text that reads from bottom to top; `at` is its baseline's lower end, middle or upper end.
  void text_upwards(std::string_view text, Point at, double height, Colour colour, Align align = Align::left);
  [[nodiscard]] double text_width(std::string_view text, double height) const;
  /// Pastes interleaved RGB, scaled to the given box by nearest neighbour.
  void picture(std::span<const std::uint8_t> rgb, int picture_width, int picture_height, Point top_left,
               Point bottom_right);
  /// Atomically. Throws Error naming the path.
  void save_png(const std::filesystem::path& path) const;
  [[nodiscard]] int width() const;
  [[nodiscard]] int height() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohort::data
