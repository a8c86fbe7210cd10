// What the data make impossible of a task's rules: better said before a round's training than after it.
#include <algorithm>
#include <numeric>

#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "round/round_case.hpp"
#include "round/task_problems.hpp"
#include "round/weight_limit.hpp"

namespace cohort::round {
namespace {

using Problems = std::vector<std::string>;

/// A merge of means counts batch norm's statistics over all training images in one exact sum.
void check_recomputing(const Task& task, const data::Partition& partition, Problems& problems) {
  const bool makes_means = task.merge.rule == MergeRule::average || task.merge.rule == MergeRule::soup;
  if (task.merge.statistics != StatisticsPolicy::recompute || !makes_means) return;
  const auto images = static_cast<std::int64_t>(pooled_training(partition).size());
  const std::int64_t size = std::min(images, task.recipe.micro_batch);
  if (size < 1 || images / size <= kMaxMicroBatches) return;
  problems.push_back(concat("merge.statistics: recompute over ", images, " training images makes ",
                            images / size, " micro-batches of ", size, ", more than the ", kMaxMicroBatches,
                            " that an exact sum allows; use aggregate or a larger micro_batch"));
}

/// Sums of weights of any of the members stay below those of all: a part's common divisor is never smaller.
void check_weights(const Task& task, const data::Partition& partition, Problems& problems) {
  std::int64_t divisor = 0, total = 0;
  for (const data::Part& part : partition.parts) {
    const auto images = static_cast<std::int64_t>(part.train.size());
    divisor = std::gcd(divisor, images);
    total += images;
  }
  const bool is_average = task.merge.rule == MergeRule::average;
  const bool is_shapley = !task.pool.pool.empty() && task.pool.rule == "shapley";
  if (((is_average && task.merge.weights == MergeWeights::samples) || is_shapley) && divisor > 0 &&
      total / divisor >= kWeightLimit)
    problems.push_back(concat(is_shapley ? "pool.rule: shapley" : "merge.weights: samples", " weighs ",
                              partition.parts.size(), " members by ", total,
                              " training images, which add up to ", kWeightLimit,
                              " or more even after division by their greatest common divisor, ", divisor,
                              "; use ", is_shapley ? "another rule" : "uniform"));
  const auto members = static_cast<std::int64_t>(partition.parts.size());
  const auto images = static_cast<std::int64_t>(common_validation(partition).size());
  if (is_average && task.merge.weights == MergeWeights::validation && members * images >= kWeightLimit)
    problems.push_back(concat("merge.weights: validation counts of ", members, " members on ", images,
                              " images may add up to ", kWeightLimit, " or more; use samples or uniform"));
}

/// Each site's claim is compared with its own hidden images.
void check_hidden_columns(const Task& task, const data::Dataset* hidden, Problems& problems) {
  if (hidden == nullptr || task.partition.rule != data::PartitionRule::by_column ||
      task.audit.evidence == Evidence::claim)
    return;
  try {
    static_cast<void>(hidden->column(task.partition.column));
  } catch (const DataError& e) {
    problems.push_back(concat("partition.column: the hidden set lacks it: ", e.what(),
                              "; import both with --join, or take evidence claim"));
  }
}

}  // namespace

std::vector<std::string> data_problems(const Task& task, const data::Partition& partition,
                                       const data::Dataset* hidden) {
  Problems found;
  check_recomputing(task, partition, found);
  check_weights(task, partition, found);
  check_hidden_columns(task, hidden, found);
  return found;
}

}  // namespace cohort::round
