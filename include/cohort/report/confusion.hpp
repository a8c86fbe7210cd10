// Which class was taken for which.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohort/data/canvas.hpp"
#include "cohort/report/table.hpp"

namespace cohort::report {

/// Counts over the samples of one split.
struct ConfusionMatrix {
  std::vector<std::string> classes;
  std::vector<std::vector<std::int64_t>> counts;  ///< [truth][prediction]
};

/// Share of the samples on the diagonal; NaN when there are none.
double accuracy(const ConfusionMatrix& matrix);
/// Mean recall over the classes that have samples; NaN when there are none.
double balanced_accuracy(const ConfusionMatrix& matrix);

/// Draws two squares side by side: counts, and shares of each true class in percent. Rows are the truth,
/// columns the prediction; the title line carries `title` (run or model), the split's name, samples and
/// accuracies.
///
/// Requires  as many rows and columns of counts as classes, at least one class.
data::Canvas draw_confusion_matrix(const ConfusionMatrix& matrix, const std::string& title,
                                   const std::string& split);

/// One row per class: samples, recall, precision, F1 and what it is most often taken for.
Table class_table(const ConfusionMatrix& matrix);

}  // namespace cohort::report
