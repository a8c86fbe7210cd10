#include "cohort/kernels/softmax.hpp"

#include <cstddef>

#include "cohort/core/error.hpp"
#include "cohort/core/exact_math.hpp"
#include "cohort/kernels/shapes.hpp"

namespace cohort::kernels {
namespace {

/// The largest of `classes` logits, the first of equals; a NaN among them is left to the sum of exponentials.
template <typename T>
double largest(int classes, const T* logits) {
  double best = static_cast<double>(logits[0]);
  for (int k = 1; k < classes; ++k) {
    const double value = static_cast<double>(logits[k]);
    best = value > best ? value : best;
  }
  return best;
}

/// Σ exp(logit - shift) over the classes, in order.
template <typename T>
double sum_of_exponentials(int classes, const T* logits, double shift) {
  double sum = 0;
  for (int k = 0; k < classes; ++k) sum += exact::exp(static_cast<double>(logits[k]) - shift);
  return sum;
}

/// -Σ_k target[k] * log softmax[k]. Without smoothing only the label's logit is read, so that another class
/// at -infinity costs nothing.
template <typename T>
double loss_of(const CrossEntropy& problem, const T* logits, int label, double shift, double sum) {
  const double log_sum = exact::log(sum);
  const double smoothing = problem.label_smoothing;
  const double chosen = static_cast<double>(logits[label]) - shift;
  if (smoothing == 0) return log_sum - chosen;
  double total = 0;
  for (int k = 0; k < problem.classes; ++k) total += static_cast<double>(logits[k]) - shift;
  return log_sum - ((1 - smoothing) * chosen + smoothing / problem.classes * total);
}

template <typename T>
double sample_loss(const CrossEntropy& problem, const T* logits, int label, double weight, T* d_logits) {
  const double shift = largest(problem.classes, logits);
  const double sum = sum_of_exponentials(problem.classes, logits, shift);
  const double everywhere = problem.label_smoothing / problem.classes;
  const double at_label = 1 - problem.label_smoothing;
  for (int k = 0; k < problem.classes; ++k) {
    const double probability = exact::exp(static_cast<double>(logits[k]) - shift) / sum;
    const double target = k == label ? at_label + everywhere : everywhere;
    d_logits[k] = static_cast<T>(weight * (probability - target));
  }
  for (int k = problem.classes; k < padded(problem.classes); ++k) d_logits[k] = 0;
  return weight * loss_of(problem, logits, label, shift, sum);
}

}  // namespace

template <typename T>
double cross_entropy(const CrossEntropy& problem, std::span<const T> logits,
                     std::span<const std::int32_t> labels, std::span<const double> weights,
                     std::span<T> d_logits) {
  require(problem.classes > 0, "cross entropy needs at least one class");
  const auto row = static_cast<std::size_t>(padded(problem.classes));
  require(logits.size() == labels.size() * row && d_logits.size() == logits.size(),
          "cross entropy: logits and their gradient are [samples][padded classes]");
  require(weights.size() == labels.size(), "cross entropy: one weight for each label");
  double loss = 0;
  for (std::size_t n = 0; n < labels.size(); ++n) {
    require(labels[n] >= 0 && labels[n] < problem.classes, "cross entropy: a label lies outside the classes");
    loss += sample_loss(problem, logits.data() + n * row, labels[n], weights[n], d_logits.data() + n * row);
  }
  return loss;
}

template <typename T>
void softmax(int classes, std::span<const T> logits, std::span<double> probabilities) {
  require(classes > 0, "softmax needs at least one class");
  const auto row = static_cast<std::size_t>(padded(classes));
  const std::size_t samples = logits.size() / row;
  require(
      logits.size() == samples * row && probabilities.size() == samples * static_cast<std::size_t>(classes),
      "softmax: logits are [samples][padded classes], probabilities [samples][classes]");
  for (std::size_t n = 0; n < samples; ++n) {
    const T* from = logits.data() + n * row;
    double* to = probabilities.data() + n * static_cast<std::size_t>(classes);
    const double shift = largest(classes, from);
    const double sum = sum_of_exponentials(classes, from, shift);
    for (int k = 0; k < classes; ++k) to[k] = exact::exp(static_cast<double>(from[k]) - shift) / sum;
  }
}

template double cross_entropy(const CrossEntropy&, std::span<const float>, std::span<const std::int32_t>,
                              std::span<const double>, std::span<float>);
template double cross_entropy(const CrossEntropy&, std::span<const double>, std::span<const std::int32_t>,
                              std::span<const double>, std::span<double>);
template void softmax(int, std::span<const float>, std::span<double>);
template void softmax(int, std::span<const double>, std::span<double>);

}  // namespace cohort::kernels
