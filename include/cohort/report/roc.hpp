// Receiver operating characteristic: sensitivity against false alarms over all thresholds.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cohort/data/canvas.hpp"

namespace cohort::report {

/// One threshold: the share of negatives and of positives that score at least as much.
struct RocPoint {
  double false_positive_rate = 0, true_positive_rate = 0;
};

/// All thresholds of one class against the rest.
struct RocCurve {
  std::string name;              ///< the class that counts as positive
  std::vector<RocPoint> points;  ///< from (0,0) to (1,1)
  double area = 0;
};

/// The curve of scores against truth; equal scores make one step, so the area is that of the rank statistic
/// with ties counted half. Without positives or without negatives the curve has no points and the area is
/// NaN.
///
/// Requires  as many scores as truths; no score is NaN.
RocCurve roc_curve(std::string name, std::span<const double> scores,
                   std::span<const std::uint8_t> is_positive);

/// Draws all curves into one square with the line of chance; the legend gives each area.
data::Canvas draw_roc(std::span<const RocCurve> curves, const std::string& title, const std::string& split);

}  // namespace cohort::report
