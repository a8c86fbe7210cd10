// Scores from exact counts. Nothing here knows of ranks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::train {

/// counts[truth][prediction].
struct Confusion {
  int classes = 0;
  std::vector<std::int64_t> counts;  ///< classes * classes, row = truth
  explicit Confusion(int class_count = 0)
      : classes(class_count),
        counts(static_cast<std::size_t>(class_count) * static_cast<std::size_t>(class_count)) {}
  std::int64_t& at(int truth, int prediction) { return counts[index(truth, prediction)]; }
  [[nodiscard]] std::int64_t at(int truth, int prediction) const { return counts[index(truth, prediction)]; }

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
/// Requires no NaN among scores.
RankCount rank_count(std::span<const float> scores, std::span<const std::uint8_t> is_positive);
RankCount rank_count(std::span<const double> scores, std::span<const std::uint8_t> is_positive);

/// A metric that is undefined (a class without samples) is nothing, never NaN.
struct Metrics {
  std::int64_t samples = 0, correct = 0;
  double loss = 0;  ///< mean cross entropy without smoothing or weights
  Confusion confusion;
  std::vector<RankCount> ranks;  ///< one against the rest, per class, on softmax probabilities
  [[nodiscard]] double accuracy() const;
  /// Mean recall over the classes that have samples.
  [[nodiscard]] double balanced_accuracy() const;
  [[nodiscard]] std::optional<double> recall(int c) const;
  [[nodiscard]] std::optional<double> precision(int c) const;
  [[nodiscard]] std::optional<double> auc(int c) const;
  /// Mean AUC over the classes where it is defined.
  [[nodiscard]] std::optional<double> macro_auc() const;
};

/// "accuracy", "balanced_accuracy", "auc_macro", "loss": a value where larger is better (loss negated; minus
/// infinity when undefined); throws UsageError with the nearest name.
double score_of(const Metrics& metrics, std::string_view name);
/// Throws UsageError with the nearest name unless score_of knows the name.
void require_metric_name(std::string_view name);

/// "balanced_accuracy>=0.80" → name and bound; throws UsageError.
struct Requirement {
  std::string metric;
  double at_least = 0;
};
Requirement parse_requirement(std::string_view text);

/// The class with the largest logit; ties go to the lowest class.
int predicted_class(std::span<const float> logits);

}  // namespace cohort::train
