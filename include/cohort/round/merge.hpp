// The next round's model from the accepted submissions: exact sums, so that order and rank count cannot
// matter.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/core/aligned_buffer.hpp"
#include "cohort/kernels/table.hpp"
#include "cohort/nn/state_layout.hpp"

namespace cohort::round {

enum class MergeRule { best, average, soup, none };
enum class MergeWeights { samples, uniform, validation };
/// Batch norm's running values: pooled exactly over members, or counted anew by a pass over images.
enum class StatisticsPolicy { aggregate, recompute };

/// "best", "average", "soup", "none"; "samples", "uniform", "validation"; "aggregate", "recompute".
std::string_view name_of(MergeRule rule);
std::string_view name_of(MergeWeights weights);
std::string_view name_of(StatisticsPolicy policy);
/// Each throws UsageError with the nearest name.
MergeRule merge_rule_from_name(std::string_view name);
MergeWeights merge_weights_from_name(std::string_view name);
StatisticsPolicy statistics_policy_from_name(std::string_view name);

struct MergeOptions {
  MergeRule rule = MergeRule::average;
  MergeWeights weights = MergeWeights::samples;
  StatisticsPolicy statistics = StatisticsPolicy::aggregate;
  bool gate = true;  ///< the result must not be below the incumbent nor below the best member
};

struct Model {
  AlignedBuffer<float> parameters, statistics;
};

/// One accepted submission. `id` orders what is otherwise equal; ids are unique.
struct MergeMember {
  std::int64_t id = 0;
  std::string name;  ///< for the story
  std::span<const float> parameters, statistics;
  std::int64_t samples = 0;     ///< training images
  std::int64_t validation = 0;  ///< correct on the common validation set
};

/// Weighted mean of whole models, W = sum of weights: every element is a quotient of exact integer sums, so
/// members' order is without effect; equal members (or one) give their own bits.
///
/// Statistics (policy aggregate): mean = mean of means; variance = mean of (variance + squared distance of
/// the member's mean from that mean), as docs/numerics.md says. A member of weight 0 has no effect.
///
/// Throws UsageError for no member, a member of another architecture, a weight below 0, W = 0 or W >= 2^24
/// (after division by the greatest common divisor); DataError for a value that is not finite or a pooled
/// variance that passes the largest float, naming member and tensor.
Model average(const kernels::Table<float>& table, const nn::StateLayout& layout,
              std::span<const MergeMember> members, std::span<const std::int64_t> weights);

/// Correct answers of a model on the common validation set; may be collective.
using ScoreModel =
    std::function<std::int64_t(std::span<const float> parameters, std::span<const float> statistics)>;
/// Statistics of a model by a pass over images (policy recompute); may be collective. Throws
/// train::DivergedError, on all ranks, for a model whose batch statistics are not finite: it scores 0.
using RecomputeStatistics =
    std::function<void(std::span<const float> parameters, std::span<float> statistics)>;

struct MergeResult {
  Model model;
  std::int64_t score = 0;  ///< of the model, on the common validation set
  std::int64_t incumbent_score = 0;
  std::vector<std::int64_t> members;  ///< ids that are in the model, ascending; empty = the incumbent stays
  std::vector<std::string> story;     ///< lines for people: what was tried, what the gate said
};

/// Merges by the rule. best: highest validation count, lowest id among equals. soup: in that order, a member
/// joins the uniform average only if the score does not drop. The gate falls back to the best member, then to
/// the incumbent. No members, or rule none: the incumbent stays. What is one member alone is that member bit
/// for bit, statistics included; `recompute` (may be empty with policy aggregate) is asked for means of
/// several.
///
/// Requires  the scores in `members` are what `score` would give; every member was accepted by its audit.
/// Collective if `score` or `recompute` is: both are called in the same order on all ranks.
/// Throws    UsageError for an id given twice or a member of another architecture; as average.
MergeResult merge(const kernels::Table<float>& table, const nn::StateLayout& layout, const Model& incumbent,
                  std::span<const MergeMember> members, const MergeOptions& options, const ScoreModel& score,
                  const RecomputeStatistics& recompute);

}  // namespace cohort::round
