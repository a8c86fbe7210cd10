#include "train_report.hpp"

#include "cohort/comm/agree.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/words.hpp"
#include "cohort/report/confusion.hpp"
#include "cohort/report/training_curves.hpp"
#include "drawn_names.hpp"
#include "paths.hpp"
#include "shell_words.hpp"
#include "tables.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

void draw_curves(const fs::path& file, const train::Job& job, const data::Dataset& dataset,
                 const train::RunResult& result) {
  std::vector<report::CurvePoint> points;
  for (const train::HistoryRow& row : result.history) {
    report::CurvePoint point;
    point.epoch = row.epoch;
    point.step = row.step;
    point.train_loss = row.train_loss;
    point.validation_loss = row.validation_loss;
    point.accuracy = row.accuracy;
    point.balanced_accuracy = row.balanced_accuracy;
    point.auc = row.auc_macro;
    point.learning_rate = row.learning_rate;
    points.push_back(point);
  }
  const report::CurvesText text{
      job.execution.out.filename().string(),
      concat(job.recipe.model.name, " on ", dataset.path().filename().string(), ", seed ", job.recipe.seed,
             ", ", counted(result.steps, "step"), " of ", counted(job.recipe.batch_size, "image")),
      job.execution.select_metric};
  report::draw_training_curves(points, text).save_png(file);
}

void draw_confusion(const fs::path& file, const train::Job& job, const data::Dataset& dataset,
                    const train::Confusion& confusion) {
  report::draw_confusion_matrix(drawn_names(dataset.classes()), confusion,
                                job.execution.out.filename().string(), "validation")
      .save_png(file);
}
}  // namespace

void report_training(comm::Communicator& comm, const train::Job& job, const data::Dataset& dataset,
                     const train::RunResult& result, Log& log) {
  comm::agree(comm, "draw the run", [&] {
    if (!comm.is_root()) return;
    const fs::path plots = job.execution.out / "plots";
    make_folder(plots);
    draw_curves(plots / "results.png", job, dataset, result);
    std::string drawn = (plots / "results.png").string();
    if (result.confusion.classes > 0) {
      draw_confusion(plots / "confusion_matrix.png", job, dataset, result.confusion);
      drawn += ", " + (plots / "confusion_matrix.png").string();
    }
    log.info(concat("plots  ", drawn));
    const bool has_test = !dataset.indices(data::Split::test).empty();
    log.info(concat("next   cohort evaluate ", shell_word(job.execution.out),
                    has_test ? "" : " --split validation   (the data set has no test split)"));
  });
}

}  // namespace cohort::app
