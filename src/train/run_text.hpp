// What a run says: console lines, events and status, as pure functions of its numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohort/core/json.hpp"
#include "cohort/train/metrics.hpp"
#include "cohort/train/options.hpp"
#include "cohort/train/step.hpp"
#include "train/run_plan.hpp"
#include "train/run_progress.hpp"

namespace cohort::train {

/// "0.612", or "-" for a score that is undefined.
std::string score_text(double value);
/// "41 s", "27 min", "3.2 h".
std::string duration_text(double seconds);

/// "epoch  1/40  loss 1.412  val_loss 1.188  acc 0.612  bal_acc 0.431  auc 0.842  lr 0.0100  612 img/s  eta
/// 27 min".
std::string epoch_line(const Recipe& recipe, const HistoryRow& row, double eta_s, bool is_best);
std::string step_line(const Recipe& recipe, const RunPlan& plan, const StepResult& result, std::int64_t step,
                      double images_per_s);
/// The same for a terminal, where it is redrawn in place: "[=====>    ]  43%  step 12/28  loss 0.532 …".
std::string bar_line(const RunPlan& plan, const StepResult& result, std::int64_t step, double images_per_s);
/// Time by phase of this start, images per second, and how unevenly ranks computed (most loaded / mean).
std::vector<std::string> summary_lines(const Phases& phases, const RunPlan& plan, double elapsed_s,
                                       double compute_imbalance);

/// {"loss", "accuracy", "balanced_accuracy", "auc_macro"}, null where undefined.
Json scores_json(const HistoryRow& row);
/// The fields of the event "epoch".
Json epoch_json(const HistoryRow& row, const Metrics* metrics);
/// The fields of status.json; `state` is running, checkpointed, finished or failed.
Json status_json(const std::string& state, const Job& job, const RunPlan& plan, const Progress& progress,
                 double eta_s);

/// What `score_of` gave when the row was made; NaN when undefined.
double row_score(const HistoryRow& row, const std::string& metric);

}  // namespace cohort::train
