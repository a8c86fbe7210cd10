// What an evaluation prints and leaves behind.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "cohort/data/dataset.hpp"
#include "cohort/report/prediction_sheet.hpp"
#include "cohort/train/metrics.hpp"
#include "trained_model.hpp"

namespace cohort::app {

struct Evaluation {
  std::string model;  ///< TrainedModel::text
  std::string state_digest, weights;
  std::filesystem::path data;
  std::string data_digest, subset_digest, split;
  std::vector<std::string> classes;
  std::vector<std::string> ids;       ///< of the images, in order
  std::vector<std::int32_t> truth;    ///< their classes
  std::vector<double> probabilities;  ///< [image][class]
  train::Metrics metrics;
  std::vector<report::PredictedPicture> mistakes;  ///< the most confident ones first, as many as fit a sheet
};

Evaluation make_evaluation(const TrainedModel& trained, const data::Dataset& dataset,
                           const std::string& split, std::span<const std::int32_t> indices,
                           std::span<const float> logits);

/// Scores by class, the headline numbers, the confusion matrix.
std::string evaluation_text(const Evaluation& evaluation);

/// metrics.json, predictions.csv (ISIC's columns), per_class.csv, confusion_matrix.csv and .png, roc.png,
/// predictions.png (the most confident mistakes);
/// each atomically.
void write_evaluation(const std::filesystem::path& folder, const Evaluation& evaluation);

}  // namespace cohort::app
