// Training-time augmentation and normalisation in exact arithmetic: a sample's floats depend on (pixels,
// options, seed, draw) alone.
#pragma once

#include <cstdint>
#include <span>

#include "cohort/core/shape.hpp"
#include "cohort/data/dataset.hpp"

namespace cohort::data {

/// The largest AugmentOptions::shift.
inline constexpr int kMaxShift = 4096;

/// How much training images are varied; every amount is drawn anew for each draw.
struct AugmentOptions {
  bool flip = true;           ///< horizontal and vertical, each with probability 1/2
  bool quarter_turns = true;  ///< 0, 90, 180 or 270 degrees (square images only)
  int shift = 0;              ///< up to this many pixels each way, edges reflected
  double brightness = 0;      ///< factor uniform in [1-b, 1+b]
  double contrast = 0;        ///< about the image's own grey mean, [1-c, 1+c]
  double colour = 0;          ///< saturation, about each pixel's grey value, [1-s, 1+s]
};

/// Throws UsageError naming every option out of range (shift 0 … kMaxShift, the others 0 … 1).
void check_options(const AugmentOptions& options);

/// Writes one image as floats [H][W][3]: geometry on bytes, then colour, then (x/255 - mean) / standard
/// deviation, in single IEEE operations in a documented order (docs/numerics.md).
///
/// Shapes    pixels [H][W][3] bytes, out [H][W][3] floats; `shape` is {3, H, W}.
/// Requires  options that check_options accepts.
void prepare_training(std::span<const std::uint8_t> pixels, Shape shape, const Normalization& normalization,
                      const AugmentOptions& options, std::uint64_t seed, std::int64_t draw,
                      std::span<float> out);

/// The same without augmentation: for validation and prediction.
void prepare_plain(std::span<const std::uint8_t> pixels, Shape shape, const Normalization& normalization,
                   std::span<float> out);

}  // namespace cohort::data
