#include "cohort/train/metrics.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <numeric>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::train {
namespace {

const std::array<std::string, 4> kMetricNames{"accuracy", "balanced_accuracy", "auc_macro", "loss"};

template <typename T>
RankCount count_ranks(std::span<const T> scores, std::span<const std::uint8_t> is_positive) {
  require(scores.size() == is_positive.size(), "rank_count: one truth per score");
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });

  // Groups of equal scores, ascending: a positive beats every negative below its group and ties with those in
  // it.
  RankCount result;
  std::int64_t positives = 0, negatives_below = 0;
  for (std::size_t first = 0; first < order.size();) {
    std::int64_t group_positives = 0, group_negatives = 0;
    std::size_t last = first;
    for (; last < order.size() && scores[order[last]] == scores[order[first]]; ++last)
      ++(is_positive[order[last]] ? group_positives : group_negatives);
    result.two_u += group_positives * (2 * negatives_below + group_negatives);
    positives += group_positives;
    negatives_below += group_negatives;
    first = last;
  }
  result.pairs = positives * negatives_below;
  return result;
}

UsageError unknown_metric(std::string_view name) {
  return UsageError(concat("unknown metric '", name, "'", did_you_mean(name, kMetricNames),
                           " (known: ", joined(kMetricNames, ", "), ")"));
}

std::optional<double> ratio_if_any(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

/// Mean of value_of(c) over the classes where it is defined, added in their order.
template <typename F>
std::optional<double> mean_of_defined(int classes, const F& value_of) {
  double sum = 0;
  int counted = 0;
  for (int c = 0; c < classes; ++c) {
    if (const std::optional<double> value = value_of(c)) {
      sum += *value;
      ++counted;
    }
  }
  if (counted == 0) return std::nullopt;
  return sum / counted;
}

}  // namespace

std::int64_t Confusion::samples(int truth) const {
  std::int64_t count = 0;
  for (int prediction = 0; prediction < classes; ++prediction) count += at(truth, prediction);
  return count;
}

std::int64_t Confusion::predictions(int prediction) const {
  std::int64_t count = 0;
  for (int truth = 0; truth < classes; ++truth) count += at(truth, prediction);
  return count;
}

std::optional<double> Confusion::recall(int c) const {
  return ratio_if_any(at(c, c), samples(c));
}

std::optional<double> Confusion::precision(int c) const {
  return ratio_if_any(at(c, c), predictions(c));
}

std::optional<double> Confusion::accuracy() const {
  std::int64_t right = 0, all = 0;
  for (int c = 0; c < classes; ++c) {
    right += at(c, c);
    all += samples(c);
  }
  return ratio_if_any(right, all);
}

std::optional<double> Confusion::balanced_accuracy() const {
  return mean_of_defined(classes, [&](int c) { return recall(c); });
}

RankCount rank_count(std::span<const float> scores, std::span<const std::uint8_t> is_positive) {
  return count_ranks(scores, is_positive);
}

RankCount rank_count(std::span<const double> scores, std::span<const std::uint8_t> is_positive) {
  return count_ranks(scores, is_positive);
}

double Metrics::accuracy() const {
  return ratio_if_any(correct, samples).value_or(0);
}

std::optional<double> Metrics::auc(int c) const {
  const RankCount& rank = ranks.at(static_cast<std::size_t>(c));
  return ratio_if_any(rank.two_u, 2 * rank.pairs);
}

std::optional<double> Metrics::macro_auc() const {
  return mean_of_defined(static_cast<int>(ranks.size()), [&](int c) { return auc(c); });
}

double score_of(const Metrics& metrics, std::string_view name) {
  if (name == "accuracy") return metrics.accuracy();
  if (name == "balanced_accuracy") return metrics.balanced_accuracy();
  if (name == "auc_macro") return metrics.macro_auc().value_or(-std::numeric_limits<double>::infinity());
  if (name == "loss") return -metrics.loss;
  throw unknown_metric(name);
}

void require_metric_name(std::string_view name) {
  if (std::find(kMetricNames.begin(), kMetricNames.end(), name) == kMetricNames.end())
    throw unknown_metric(name);
}

Requirement parse_requirement(std::string_view text) {
  const std::size_t sign = text.find(">=");
  if (sign == std::string_view::npos)
    throw UsageError(
        concat("requirement '", text, "': expected METRIC>=VALUE, for example balanced_accuracy>=0.80"));
  Requirement requirement{trim(text.substr(0, sign)), 0};
  require_metric_name(requirement.metric);
  const auto bound = parse_double(trim(text.substr(sign + 2)));
  if (!bound || !(*bound - *bound == 0))
    throw UsageError(concat("requirement '", text, "': '", text.substr(sign + 2), "' is not a number"));
  requirement.at_least = *bound;
  return requirement;
}

int predicted_class(std::span<const float> logits) {
  return static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

}  // namespace cohort::train
