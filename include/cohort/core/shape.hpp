// The shape of one sample inside a network.
#pragma once

#include <cstdint>

namespace cohort {

/// Channels, height, width of one image or feature map; a vector has height and width 1.
struct Shape {
  int channels = 0;
  int height = 1;
  int width = 1;
  friend bool operator==(const Shape&, const Shape&) = default;
  /// Elements: channels * height * width.
  [[nodiscard]] std::int64_t count() const { return std::int64_t{channels} * height * width; }
};

}  // namespace cohort
