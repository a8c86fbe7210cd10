// Looking at drawn sheets: saved as PNG, read again, ink measured.
#pragma once

#include <unistd.h>

#include <filesystem>

#include "cohort/data/canvas.hpp"
#include "cohort/data/image.hpp"

namespace cohort::report::testing {

inline data::Image saved(const data::Canvas& canvas) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("cohort-sheet-" + std::to_string(getpid()) + ".png");
  canvas.save_png(path);
  data::Image image = data::read_image(path);
  std::filesystem::remove(path);
  return image;
}

/// Pixels of a box that satisfy `test(red, green, blue)`.
template <typename Test>
int count_pixels(const data::Image& image, int left, int top, int right, int bottom, Test test) {
  int count = 0;
  for (int y = top; y < bottom && y < image.height; ++y)
    for (int x = left; x < right && x < image.width; ++x) {
      const auto i = 3 * static_cast<std::size_t>(y * image.width + x);
      count += test(int{image.rgb[i]}, int{image.rgb[i + 1]}, int{image.rgb[i + 2]}) ? 1 : 0;
    }
  return count;
}

inline bool is_blue(int red, int, int blue) {
  return blue > red + 60;
}
inline bool is_orange(int red, int green, int blue) {
  return red > blue + 90 && green > blue + 30;
}
inline bool is_red(int red, int green, int blue) {
  return red > 150 && green < 110 && blue < 110;
}
inline bool is_green(int red, int green, int blue) {
  return green > red + 50 && green > blue + 30;
}
inline bool is_dark(int red, int green, int blue) {
  return red + green + blue < 330;
}

}  // namespace cohort::report::testing
