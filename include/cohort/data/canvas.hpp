// Drawing for reports: lines, rectangles, text and pictures on a white sheet, saved as PNG.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace cohort::data {

/// Eight bits a channel.
struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
};
/// A place on the sheet.
struct Point {
  double x = 0, y = 0;  ///< pixels from the top left corner
};
/// Which part of a text stands at the place given for it.
enum class Align { left, centre, right };

/// Whether all letters of a UTF-8 text can be drawn: ASCII, and Latin letters with marks, which are drawn
/// without them ("Läsion" as "Lasion"). A letter of another script is drawn as an empty box.
bool is_drawable(std::string_view text);

/// A sheet to draw on. Lengths and places are in pixels and may lie between two; what reaches beyond the
/// sheet is cut off at its edge.
class Canvas {
 public:
  /// A white sheet; sides of 1 to 8192 pixels (std::logic_error).
  Canvas(int width, int height);
  ~Canvas();
  Canvas(Canvas&&) noexcept;
  /// One line through all points in their order, half a pixel thick or more; points that are not finite are
  /// left out, and a single one is a dot.
  void line(std::span<const Point> points, Colour colour, double thickness = 1.5);
  /// The area between two corners, or its outline, one pixel thick. Requires finite corners.
  void rectangle(Point top_left, Point bottom_right, Colour colour, bool filled);
  /// The disc of the given radius, or its outline, one and a half pixels thick; nothing where the centre is
  /// not finite or the radius is negative.
  void circle(Point centre, double radius, Colour colour, bool filled);
  /// `height` is the capital letters' height in pixels; `at` is the baseline's left, centre or right end.
  void text(std::string_view text, Point at, double height, Colour colour, Align align = Align::left);
  /// Text that reads from bottom to top; `at` is its baseline's lower end, middle or upper end.
  void text_upwards(std::string_view text, Point at, double height, Colour colour, Align align = Align::left);
  /// How wide a text of that height is, in pixels.
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
