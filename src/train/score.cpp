#include <algorithm>
#include <cmath>
#include <cstddef>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/shapes.hpp"
#include "cohort/kernels/softmax.hpp"
#include "cohort/train/evaluator.hpp"

namespace cohort::train {
namespace {

/// Rows of `classes` values, each padded with zeros to whole lanes.
std::vector<float> padded_rows(int classes, std::span<const float> dense) {
  const auto width = static_cast<std::size_t>(classes);
  const auto stride = static_cast<std::size_t>(kernels::padded(classes));
  const std::size_t rows = dense.size() / width;
  std::vector<float> padded(rows * stride, 0.0F);
  for (std::size_t row = 0; row < rows; ++row)
    std::copy_n(dense.begin() + static_cast<std::ptrdiff_t>(row * width), width,
                padded.begin() + static_cast<std::ptrdiff_t>(row * stride));
  return padded;
}

void require_finite(int classes, std::span<const float> logits) {
  const auto bad =
      std::find_if(logits.begin(), logits.end(), [](float value) { return !std::isfinite(value); });
  if (bad == logits.end()) return;
  throw Error(concat("score: the network's output for sample ", (bad - logits.begin()) / classes,
                     " of those scored is not a finite number; the weights have diverged"));
}

std::vector<RankCount> rank_counts(int classes, std::span<const double> probabilities,
                                   std::span<const std::int32_t> truth) {
  std::vector<RankCount> ranks;
  std::vector<double> scores(truth.size());
  std::vector<std::uint8_t> is_positive(truth.size());
  for (int c = 0; c < classes; ++c) {
    for (std::size_t i = 0; i < truth.size(); ++i) {
      scores[i] = probabilities[i * static_cast<std::size_t>(classes) + static_cast<std::size_t>(c)];
      is_positive[i] = truth[i] == c;
    }
    ranks.push_back(rank_count(scores, is_positive));
  }
  return ranks;
}

}  // namespace

Metrics score(int classes, std::span<const float> logits, std::span<const std::int32_t> truth) {
  const auto width = static_cast<std::size_t>(classes);
  require(logits.size() == truth.size() * width, "score: one row of logits per sample");
  require_finite(classes, logits);
  Metrics metrics;
  metrics.samples = static_cast<std::int64_t>(truth.size());
  metrics.confusion = Confusion(classes);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    require(truth[i] >= 0 && truth[i] < classes, "score: a label that is no class");
    const int predicted = predicted_class(logits.subspan(i * width, width));
    ++metrics.confusion.at(truth[i], predicted);
    metrics.correct += predicted == truth[i];
  }
  const std::vector<float> padded = padded_rows(classes, logits);
  std::vector<double> probabilities(logits.size());
  kernels::softmax<float>(classes, padded, probabilities);
  metrics.ranks = rank_counts(classes, probabilities, truth);

  std::vector<float> unused(padded.size());
  const std::vector<double> ones(truth.size(), 1.0);
  const double sum = kernels::cross_entropy<float>({classes, 0}, padded, truth, ones, unused);
  metrics.loss = truth.empty() ? 0 : sum / static_cast<double>(truth.size());
  return metrics;
}

}  // namespace cohort::train
