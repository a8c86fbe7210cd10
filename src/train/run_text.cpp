#include "train/run_text.hpp"

#include <algorithm>
#include <cmath>

#include "cohort/core/text.hpp"
#include "cohort/core/words.hpp"

namespace cohort::train {
namespace {

std::string share_text(double part, double whole) {
  return concat(format_fixed(part, 1), " s (", format_fixed(whole > 0 ? 100 * part / whole : 0, 0), " %)");
}

/// "15", "1.25": no decimals where there is nothing behind the point.
std::string plain_text(double value) {
  return value == std::floor(value) ? format_fixed(value, 0) : format_shortest(value);
}

std::string epochs_text(double epoch, double epochs) {
  return concat(format_fixed(epoch, epoch == std::floor(epoch) ? 0 : 1), "/", plain_text(epochs));
}

double remaining_s(const RunPlan& plan, std::int64_t step, double images_per_s) {
  return images_per_s > 0 ? static_cast<double>((plan.last_step - step) * plan.batch_size) / images_per_s : 0;
}

Json number_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

}  // namespace

std::string score_text(double value) {
  return std::isfinite(value) ? format_fixed(value, 3) : "-";
}

std::string duration_text(double seconds) {
  if (seconds < 90) return concat(format_fixed(seconds, 0), " s");
  if (seconds < 90 * 60) return concat(format_fixed(seconds / 60, 0), " min");
  return concat(format_fixed(seconds / 3600, 1), " h");
}

std::string epoch_line(const Recipe& recipe, const HistoryRow& row, double eta_s, bool is_best) {
  return concat("epoch ", epochs_text(row.epoch, recipe.epochs), "  loss ", score_text(row.train_loss),
                "  val_loss ", score_text(row.validation_loss), "  acc ", score_text(row.accuracy),
                "  bal_acc ", score_text(row.balanced_accuracy), "  auc ", score_text(row.auc_macro), "  lr ",
                format_fixed(row.learning_rate, 6), "  ", format_fixed(row.images_per_s, 0), " img/s  ",
                duration_text(row.elapsed_s), "  eta ", duration_text(eta_s), is_best ? "  *best*" : "");
}

std::string bar_line(const RunPlan& plan, const StepResult& result, std::int64_t step, double images_per_s) {
  return concat(progress_bar(static_cast<double>(step) / static_cast<double>(plan.last_step)), "  step ",
                step, "/", plan.last_step, "  loss ", score_text(result.loss), "  ",
                format_fixed(images_per_s, 0), " img/s  eta ",
                duration_text(remaining_s(plan, step, images_per_s)));
}

std::string step_line(const Recipe& recipe, const RunPlan& plan, const StepResult& result, std::int64_t step,
                      double images_per_s) {
  return concat("step ", step, "/", plan.last_step, "  epoch ", format_fixed(plan.epoch_at(step), 2), "/",
                plain_text(recipe.epochs), "  loss ", score_text(result.loss), "  lr ",
                format_fixed(result.learning_rate, 6), "  ", format_fixed(images_per_s, 0), " img/s  eta ",
                duration_text(remaining_s(plan, step, images_per_s)));
}

std::vector<std::string> summary_lines(const Phases& phases, const RunPlan& plan, double elapsed_s,
                                       double compute_imbalance) {
  const double known = phases.step_s() + phases.validate_s + phases.checkpoint_s;
  const double images = static_cast<double>(phases.steps * plan.batch_size);
  const double rate = phases.step_s() > 0 ? images / phases.step_s() : 0;
  return {concat("time   compute ", share_text(phases.compute_s, elapsed_s), "  reduce ",
                 share_text(phases.reduce_s, elapsed_s), "  update ", share_text(phases.update_s, elapsed_s),
                 "  validate ", share_text(phases.validate_s, elapsed_s), "  checkpoint ",
                 share_text(phases.checkpoint_s, elapsed_s), "  other ",
                 share_text(std::max(0.0, elapsed_s - known), elapsed_s)),
          concat("speed  ", format_fixed(rate, 1), " images/s over ", counted(phases.steps, "step"),
                 ", load imbalance ", format_fixed(compute_imbalance, 2))};
}

Json scores_json(const HistoryRow& row) {
  Json scores = Json::object();
  return scores.set("loss", number_or_null(row.validation_loss))
      .set("accuracy", number_or_null(row.accuracy))
      .set("balanced_accuracy", number_or_null(row.balanced_accuracy))
      .set("auc_macro", number_or_null(row.auc_macro));
}

Json epoch_json(const HistoryRow& row, const Metrics* metrics) {
  Json fields = Json::object();
  fields.set("elapsed_s", row.elapsed_s)
      .set("epoch", row.epoch)
      .set("step", row.step)
      .set("split", "validation");
  fields.set("lr", row.learning_rate).set("train_loss", number_or_null(row.train_loss));
  fields.set("images_per_s", row.images_per_s).set("metrics", scores_json(row));
  if (!metrics) return fields;
  Json rows = Json::array();
  for (int truth = 0; truth < metrics->confusion.classes; ++truth) {
    Json counts = Json::array();
    for (int prediction = 0; prediction < metrics->confusion.classes; ++prediction)
      counts.push(metrics->confusion.at(truth, prediction));
    rows.push(std::move(counts));
  }
  return fields.set("confusion", std::move(rows));
}

Json status_json(const std::string& state, const Job& job, const RunPlan& plan, const Progress& progress,
                 double eta_s) {
  Json status = Json::object();
  const std::int64_t step = progress.counters.step;
  status.set("state", state).set("step", step).set("steps", plan.last_step);
  status.set("epoch", plan.epoch_at(step)).set("epochs", job.recipe.epochs).set("eta_s", eta_s);
  if (!progress.history.empty()) {
    const HistoryRow& last = progress.history.back();
    status.set("images_per_s", last.images_per_s).set("last", epoch_json(last, nullptr));
  }
  if (progress.counters.has_best) {
    Json best = Json::object();
    best.set("metric", job.execution.select_metric).set("score", progress.counters.best_score);
    status.set("best", std::move(best));
  }
  if (!job.execution.require.empty()) {
    const Requirement requirement = parse_requirement(job.execution.require);
    const bool reached = !progress.history.empty() &&
                         row_score(progress.history.back(), requirement.metric) >= requirement.at_least;
    Json threshold = Json::object();
    threshold.set("metric", requirement.metric).set("op", ">=").set("value", requirement.at_least);
    threshold.set("reached", reached);
    Json thresholds = Json::array();
    status.set("thresholds", thresholds.push(std::move(threshold)));
  }
  return status;
}

double row_score(const HistoryRow& row, const std::string& metric) {
  if (metric == "accuracy") return row.accuracy;
  if (metric == "balanced_accuracy") return row.balanced_accuracy;
  if (metric == "auc_macro") return row.auc_macro;
  return -row.validation_loss;
}

}  // namespace cohort::train
