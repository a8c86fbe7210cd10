// Pictures beside what the network said of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cohort/data/canvas.hpp"

namespace cohort::report {

/// One picture with its verdict.
struct PredictedPicture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb;  ///< interleaved rows
  std::string id;
  std::string truth, prediction;  ///< class names
  double probability = 0;         ///< that the network gave its prediction
};

/// Draws a grid of pictures; below each stand prediction and probability, for a mistake in red and with the
/// truth, and the id. Among right answers mistakes have a red frame, too.
///
/// Requires  columns >= 1; width * height * 3 bytes in each picture.
data::Canvas draw_prediction_sheet(std::span<const PredictedPicture> pictures, int columns,
                                   const std::string& title, const std::string& subtitle);

}  // namespace cohort::report
