#include "train/global_batch.hpp"

#include <cstddef>

namespace cohort::train {
namespace {

/// One per class; balanced: samples / (classes * samples of the class), as counted over the training split.
std::vector<double> class_weights(const data::Dataset& dataset, ClassWeights kind) {
  const std::size_t classes = dataset.classes().size();
  std::vector<double> weights(classes, 1.0);
  if (kind == ClassWeights::none) return weights;
  std::vector<std::int64_t> counts(classes, 0);
  const std::vector<std::int32_t> samples = dataset.indices(data::Split::train);
  for (const std::int32_t sample : samples)
    ++counts[static_cast<std::size_t>(dataset.labels()[static_cast<std::size_t>(sample)])];
  for (std::size_t c = 0; c < classes; ++c) {
    const double share = static_cast<double>(classes) * static_cast<double>(counts[c]);
    weights[c] = counts[c] > 0 ? static_cast<double>(samples.size()) / share : 0.0;  // 0: never drawn
  }
  return weights;
}

}  // namespace

BatchSource::BatchSource(const data::Dataset& dataset, const Recipe& recipe)
    : dataset_(&dataset),
      batch_size_(recipe.batch_size),
      class_weights_(class_weights(dataset, recipe.class_weights)),
      draws_(dataset.indices(data::Split::train), dataset.labels(), recipe.seed, recipe.sampling) {}

GlobalBatch BatchSource::at(std::int64_t step) {
  const auto size = static_cast<std::size_t>(batch_size_);
  GlobalBatch batch{step * batch_size_, std::vector<std::int32_t>(size), std::vector<std::int32_t>(size),
                    std::vector<double>(size)};
  draws_.samples(batch.first_draw, batch.samples);
  double sum = 0;  // in draw order, so that every rank finds the same
  for (std::size_t i = 0; i < size; ++i) {
    batch.labels[i] = dataset_->labels()[static_cast<std::size_t>(batch.samples[i])];
    batch.weights[i] = class_weights_[static_cast<std::size_t>(batch.labels[i])];
    sum += batch.weights[i];
  }
  for (double& weight : batch.weights) weight /= sum;
  return batch;
}

}  // namespace cohort::train
