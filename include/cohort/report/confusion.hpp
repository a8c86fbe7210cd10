// Which class was taken for which.
#pragma once

#include <string>
#include <vector>

#include "cohort/data/canvas.hpp"
#include "cohort/train/metrics.hpp"

namespace cohort::report {

/// Draws two squares side by side: counts, and shares of each true class in percent. Rows are the truth,
/// columns the prediction; the title line carries `title` (run or model), the split's name, samples and
/// accuracies.
///
/// Requires  a name for each class of `counts`, at least one class.
data::Canvas draw_confusion_matrix(const std::vector<std::string>& classes, const train::Confusion& counts,
                                   const std::string& title, const std::string& split);

}  // namespace cohort::report
