// Scores from exact counts. Nothing here knows of ranks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::train {

/// How often each class was taken for each: counts[truth][prediction]. What is undefined for want of samples
/// is nothing.
struct Confusion {
  int classes = 0;
  std::vector<std::int64_t> counts;  ///< classes * classes, row = truth
  explicit Confusion(int class_count = 0)
      : classes(class_count),
        counts(static_cast<std::size_t>(class_count) * static_cast<std::size_t>(class_count)) {}
  std::int64_t& at(int truth, int prediction) { return counts[index(truth, prediction)]; }
  [[nodiscard]] std::int64_t at(int truth, int prediction) const { return counts[index(truth, prediction)]; }
  /// How often this class was the truth, or the prediction.
  [[nodiscard]] std::int64_t samples(int truth) const;
  [[nodiscard]] std::int64_t predictions(int prediction) const;
  /// Of class c against the rest.
  [[nodiscard]] std::optional<double> recall(int c) const;
  [[nodiscard]] std::optional<double> precision(int c) const;
  /// Share of samples whose predicted class is the true one.
  [[nodiscard]] std::optional<double> accuracy() const;
  /// Mean recall over the classes that have samples.
  [[nodiscard]] std::optional<double> balanced_accuracy() const;

 private:
  [[nodiscard]] std::size_t index(int truth, int prediction) const {
    return static_cast<std::size_t>(truth) * static_cast<std::size_t>(classes) +
           static_cast<std::size_t>(prediction);
  }
};

/// Mann-Whitney count 2U = 2·#{(p,n): score p > score n} + #{ties}, and the number of pairs; AUC = two_u / (2
/// pairs).
struct RankCount {
  std::int64_t two_u = 0;
  std::int64_t pairs = 0;
};
/// Counts pairs of a positive and a negative by their scores. Requires no NaN among scores.
RankCount rank_count(std::span<const float> scores, std::span<const std::uint8_t> is_positive);
RankCount rank_count(std::span<const double> scores, std::span<const std::uint8_t> is_positive);

/// A metric that is undefined (a class without samples) is nothing, never NaN.
struct Metrics {
  std::int64_t samples = 0, correct = 0;
  double loss = 0;  ///< mean cross entropy without smoothing or weights
  Confusion confusion;
  std::vector<RankCount> ranks;  ///< one against the rest, per class, on softmax probabilities
  /// Share of samples whose predicted class is the true one; 0 without samples.
  [[nodiscard]] double accuracy() const;
  /// Mean recall over the classes that have samples; 0 without samples.
  [[nodiscard]] double balanced_accuracy() const { return confusion.balanced_accuracy().value_or(0); }
  /// Of class c against the rest; nothing where the class has no samples, no predictions or no rest.
  [[nodiscard]] std::optional<double> recall(int c) const { return confusion.recall(c); }
  [[nodiscard]] std::optional<double> precision(int c) const { return confusion.precision(c); }
  [[nodiscard]] std::optional<double> auc(int c) const;
  /// Mean AUC over the classes where it is defined.
  [[nodiscard]] std::optional<double> macro_auc() const;
};

/// "accuracy", "balanced_accuracy", "auc_macro", "loss": a value where larger is better (loss negated; minus
/// infinity when undefined); throws UsageError with the nearest name.
double score_of(const Metrics& metrics, std::string_view name);
/// Throws UsageError with the nearest name unless score_of knows the name.
void require_metric_name(std::string_view name);

/// A metric and the least value that a run must reach.
struct Requirement {
  std::string metric;
  double at_least = 0;
};
/// "balanced_accuracy>=0.80" → metric and bound; throws UsageError.
Requirement parse_requirement(std::string_view text);

/// The class with the largest logit; ties go to the lowest class.
int predicted_class(std::span<const float> logits);

}  // namespace cohort::train
