// Softmax cross entropy: the one place where a network's output meets its labels. Through core/exact_math in
// double.
#pragma once

#include <cstdint>
#include <span>

namespace cohort::kernels {

/// The loss to compute.
struct CrossEntropy {
  int classes = 0;
  double label_smoothing = 0;  ///< target = (1 - smoothing) * one-hot + smoothing / classes
};

/// Loss and gradient of one micro-batch.
///
///   loss = Σ_n weight[n] * -Σ_k target[n,k] * log softmax(logits[n])[k]
///   d_logits[n,k] = weight[n] * (softmax[n,k] - target[n,k])
///
/// Shapes    logits, d_logits [N][padded classes]; labels, weights [N]. Padding lanes of d_logits become +0.
/// Requires  weights already contain 1 / Σw of the global batch.
/// Ensures   each sample alone decides its terms; the returned sum runs over n in order, in double.
template <typename T>
double cross_entropy(const CrossEntropy& problem, std::span<const T> logits,
                     std::span<const std::int32_t> labels, std::span<const double> weights,
                     std::span<T> d_logits);

/// Probabilities [N][classes] (dense) of logits [N][padded classes].
template <typename T>
void softmax(int classes, std::span<const T> logits, std::span<double> probabilities);

}  // namespace cohort::kernels
