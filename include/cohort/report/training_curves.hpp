// How a training run went: loss, accuracy, balanced accuracy and learning rate over the epochs.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "cohort/data/canvas.hpp"

namespace cohort::report {

/// One row of a run's history. NaN where nothing was measured; such points leave no mark, and the curve joins
/// its measured neighbours.
struct CurvePoint {
  double epoch = 0;
  std::int64_t step = 0;
  double train_loss = std::numeric_limits<double>::quiet_NaN();
  double validation_loss = std::numeric_limits<double>::quiet_NaN();
  double train_accuracy = std::numeric_limits<double>::quiet_NaN();
  double accuracy = std::numeric_limits<double>::quiet_NaN();           ///< on validation
  double balanced_accuracy = std::numeric_limits<double>::quiet_NaN();  ///< on validation
  double auc = std::numeric_limits<double>::quiet_NaN();                ///< on validation, mean over classes
  double learning_rate = std::numeric_limits<double>::quiet_NaN();
};

struct CurvesText {
  std::string title = "Training";
  std::string subtitle;  ///< for example model, data and ranks; may be empty
  /// Which value decides the best row: "loss", "accuracy", "balanced_accuracy" or "auc_macro".
  std::string select_metric = "balanced_accuracy";
};

/// Draws four panels on one sheet of 1240 x 920 pixels. The best row by the select metric is marked with its
/// value.
///
/// Requires  points in the order of their epochs; none, one or thousands.
data::Canvas draw_training_curves(std::span<const CurvePoint> points, const CurvesText& text);

}  // namespace cohort::report
