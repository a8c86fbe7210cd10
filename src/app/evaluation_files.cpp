#include "evaluation_files.hpp"

#include <algorithm>

#include "cohort/core/digest.hpp"
#include "cohort/core/json.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/words.hpp"
#include "cohort/data/csv.hpp"
#include "cohort/report/confusion.hpp"
#include "cohort/report/roc.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/train/evaluator.hpp"
#include "drawn_names.hpp"
#include "option_values.hpp"
#include "paths.hpp"
#include "tables.hpp"

namespace cohort::app {
namespace {
constexpr std::size_t kMostMistakes = 24;
constexpr int kMistakeColumns = 6;

/// Undefined scores are a dash for people and null for programs.
std::string shown(const std::optional<double>& value) {
  return value ? format_fixed(*value, 3) : "-";
}
Json optional_json(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json metrics_json(const Evaluation& evaluation) {
  const train::Metrics& metrics = evaluation.metrics;
  Json classes = Json::array(), confusion = Json::array();
  for (int c = 0; c < metrics.confusion.classes; ++c) {
    classes.push(Json::object()
                     .set("name", evaluation.classes[static_cast<std::size_t>(c)])
                     .set("samples", metrics.confusion.samples(c))
                     .set("recall", optional_json(metrics.recall(c)))
                     .set("precision", optional_json(metrics.precision(c)))
                     .set("auc", optional_json(metrics.auc(c))));
    Json row = Json::array();
    for (int k = 0; k < metrics.confusion.classes; ++k) row.push(metrics.confusion.at(c, k));
    confusion.push(std::move(row));
  }
  Json json = Json::object();
  json.set("schema", "cohort/evaluation/1")
      .set("model", evaluation.model)
      .set("state_sha256", evaluation.state_digest)
      .set("weights", evaluation.weights)
      .set("data", evaluation.data.string())
      .set("data_sha256", evaluation.data_digest)
      .set("split", evaluation.split)
      .set("split_sha256", evaluation.subset_digest)
      .set("samples", metrics.samples)
      .set("correct", metrics.correct)
      .set("loss", metrics.loss)
      .set("accuracy", metrics.accuracy())
      .set("balanced_accuracy", metrics.balanced_accuracy())
      .set("auc_macro", optional_json(metrics.macro_auc()))
      .set("classes", std::move(classes))
      .set("confusion", std::move(confusion));
  return json;
}

/// As isic-challenge-scoring reads them: every column must look like floating point.
std::string predictions_csv(const Evaluation& evaluation) {
  std::vector<std::string> fields{"image"};
  fields.insert(fields.end(), evaluation.classes.begin(), evaluation.classes.end());
  std::string text = data::csv_line(fields) + "\n";
  const std::size_t classes = evaluation.classes.size();
  for (std::size_t i = 0; i < evaluation.ids.size(); ++i) {
    fields = {evaluation.ids[i]};
    for (std::size_t k = 0; k < classes; ++k)
      fields.push_back(format_fixed(evaluation.probabilities[i * classes + k], 9));
    text += data::csv_line(fields) + "\n";
  }
  return text;
}

std::string per_class_csv(const Evaluation& evaluation) {
  const train::Metrics& metrics = evaluation.metrics;
  std::string text = "class,samples,recall,precision,auc\n";
  const auto field = [](const std::optional<double>& value) {
    return value ? format_fixed(*value, 6) : std::string();
  };
  for (int c = 0; c < metrics.confusion.classes; ++c) {
    const std::vector<std::string> fields{
        evaluation.classes[static_cast<std::size_t>(c)], std::to_string(metrics.confusion.samples(c)),
        field(metrics.recall(c)), field(metrics.precision(c)), field(metrics.auc(c))};
    text += data::csv_line(fields) + "\n";
  }
  return text;
}

/// One curve per class against the rest.
std::vector<report::RocCurve> roc_curves(const Evaluation& evaluation) {
  std::vector<report::RocCurve> curves;
  const std::vector<std::string> names = drawn_names(evaluation.classes);
  const std::size_t classes = evaluation.classes.size();
  for (std::size_t c = 0; c < classes; ++c) {
    std::vector<double> scores;
    std::vector<std::uint8_t> is_positive;
    for (std::size_t i = 0; i < evaluation.truth.size(); ++i) {
      scores.push_back(evaluation.probabilities[i * classes + c]);
      is_positive.push_back(evaluation.truth[i] == static_cast<std::int32_t>(c));
    }
    curves.push_back(report::roc_curve(names[c], scores, is_positive));
  }
  return curves;
}

/// Images taken for another class, the surest first; equally sure ones in file order.
std::vector<std::size_t> mistakes_by_confidence(const Evaluation& evaluation,
                                                std::span<const std::int32_t> predicted) {
  const std::size_t classes = evaluation.classes.size();
  const auto sureness = [&](std::size_t i) {
    return evaluation.probabilities[i * classes + static_cast<std::size_t>(predicted[i])];
  };
  std::vector<std::size_t> wrong;
  for (std::size_t i = 0; i < predicted.size(); ++i)
    if (predicted[i] != evaluation.truth[i]) wrong.push_back(i);
  std::stable_sort(wrong.begin(), wrong.end(),
                   [&](std::size_t a, std::size_t b) { return sureness(a) > sureness(b); });
  return wrong;
}

std::vector<report::PredictedPicture> worst_mistakes(const Evaluation& evaluation,
                                                     const data::Dataset& dataset,
                                                     std::span<const std::int32_t> indices,
                                                     std::span<const float> logits) {
  const std::size_t classes = evaluation.classes.size();
  const std::vector<std::string> names = drawn_names(evaluation.classes);
  std::vector<std::int32_t> predicted;
  for (std::size_t i = 0; i < indices.size(); ++i)
    predicted.push_back(train::predicted_class(logits.subspan(i * classes, classes)));
  std::vector<report::PredictedPicture> pictures;
  for (const std::size_t i : mistakes_by_confidence(evaluation, predicted)) {
    if (pictures.size() == kMostMistakes) break;
    const auto guess = static_cast<std::size_t>(predicted[i]);
    const std::span<const std::uint8_t> pixels = dataset.pixels(indices[i]);
    const Shape shape = dataset.image_shape();
    pictures.push_back({shape.width,
                        shape.height,
                        {pixels.begin(), pixels.end()},
                        evaluation.ids[i],
                        names[static_cast<std::size_t>(evaluation.truth[i])],
                        names[guess],
                        evaluation.probabilities[i * classes + guess]});
  }
  return pictures;
}

data::Canvas draw_mistakes(const Evaluation& evaluation) {
  const auto shown = static_cast<std::int64_t>(evaluation.mistakes.size());
  const std::int64_t all = evaluation.metrics.samples - evaluation.metrics.correct;
  const std::string images = counted(evaluation.metrics.samples, "image");
  const std::string which = all == 0
                                ? concat("no mistake among ", images)
                                : concat(shown < all ? concat("the ", shown, " surest of ") : std::string(),
                                         counted(all, "mistake"), " among ", images,
                                         ": what was predicted with which probability, and the truth");
  return report::draw_prediction_sheet(evaluation.mistakes, kMistakeColumns, evaluation.model,
                                       concat(evaluation.split, " split, ", which));
}

std::vector<std::vector<std::string>> confusion_rows(const Evaluation& evaluation,
                                                     const std::string& corner) {
  std::vector<std::vector<std::string>> rows{{corner}};
  rows[0].insert(rows[0].end(), evaluation.classes.begin(), evaluation.classes.end());
  for (std::size_t c = 0; c < evaluation.classes.size(); ++c) {
    rows.push_back({evaluation.classes[c]});
    for (std::size_t k = 0; k < evaluation.classes.size(); ++k)
      rows.back().push_back(
          std::to_string(evaluation.metrics.confusion.at(static_cast<int>(c), static_cast<int>(k))));
  }
  return rows;
}
}  // namespace

Evaluation make_evaluation(const TrainedModel& trained, const data::Dataset& dataset,
                           const std::string& split, std::span<const std::int32_t> indices,
                           std::span<const float> logits) {
  Evaluation evaluation;
  for (const std::int32_t index : indices) {
    evaluation.truth.push_back(dataset.labels()[static_cast<std::size_t>(index)]);
    evaluation.ids.push_back(dataset.id(index));
  }
  evaluation.model = trained.text();
  evaluation.state_digest = to_hex(trained.checkpoint.header.state_digest);
  evaluation.weights = trained.checkpoint.header.validated_weights;
  evaluation.data = dataset.path();
  evaluation.data_digest = to_hex(dataset.digest());
  evaluation.subset_digest = to_hex(dataset.subset_digest(indices));
  evaluation.split = split;
  evaluation.classes = dataset.classes();
  evaluation.probabilities = probabilities(trained.model.classes, logits);
  evaluation.metrics = train::score(trained.model.classes, logits, evaluation.truth);
  evaluation.mistakes = worst_mistakes(evaluation, dataset, indices, logits);
  return evaluation;
}

std::string evaluation_text(const Evaluation& evaluation) {
  const train::Metrics& metrics = evaluation.metrics;
  report::Table table{{"class", "images", "recall", "precision", "AUC"}, {}};
  for (int c = 0; c < metrics.confusion.classes; ++c)
    table.rows.push_back({evaluation.classes[static_cast<std::size_t>(c)],
                          std::to_string(metrics.confusion.samples(c)), shown(metrics.recall(c)),
                          shown(metrics.precision(c)), shown(metrics.auc(c))});
  const auto rows = confusion_rows(evaluation, "truth \\ predicted");
  report::Table confusion{rows.front(), {}};
  for (std::size_t i = 1; i < rows.size(); ++i) confusion.rows.push_back(rows[i]);
  return concat(evaluation.split, " split of ", evaluation.data.string(), ", ",
                counted(metrics.samples, "image"), "\n\n", table_text(table), "\n\n", table_text(confusion),
                "\n\naccuracy ", format_fixed(metrics.accuracy(), 4), " (", metrics.correct, " of ",
                metrics.samples, ")   balanced accuracy ", format_fixed(metrics.balanced_accuracy(), 4),
                "   macro AUC ", metrics.macro_auc() ? format_fixed(*metrics.macro_auc(), 4) : "-",
                "   loss ", format_fixed(metrics.loss, 4));
}

void write_evaluation(const std::filesystem::path& folder, const Evaluation& evaluation) {
  make_folder(folder);
  store::write_text_atomically(folder / "predictions.csv", predictions_csv(evaluation));
  store::write_text_atomically(folder / "per_class.csv", per_class_csv(evaluation));
  std::string confusion;
  for (const auto& row : confusion_rows(evaluation, "truth")) confusion += data::csv_line(row) + "\n";
  store::write_text_atomically(folder / "confusion_matrix.csv", confusion);
  report::draw_confusion_matrix(drawn_names(evaluation.classes), evaluation.metrics.confusion,
                                evaluation.model, evaluation.split)
      .save_png(folder / "confusion_matrix.png");
  report::draw_roc(roc_curves(evaluation), evaluation.model, evaluation.split).save_png(folder / "roc.png");
  draw_mistakes(evaluation).save_png(folder / "predictions.png");
  store::write_text_atomically(folder / "metrics.json", metrics_json(evaluation).dump(2) + "\n");
}

}  // namespace cohort::app
