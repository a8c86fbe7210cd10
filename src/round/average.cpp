// The weighted mean of whole models: parameters element by element, batch norm's statistics pooled.
#include <algorithm>
#include <bit>
#include <cstddef>
#include <numeric>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/merge.hpp"
#include "round/weight_limit.hpp"

namespace cohort::round {
namespace {

bool is_finite(float value) {
  return (std::bit_cast<std::uint32_t>(value) & 0x7f800000U) != 0x7f800000U;
}

/// The members that count, and how much, with weights made as small as they can be.
struct Weighted {
  std::vector<const MergeMember*> members;
  std::vector<double> weights;
  double total = 0;
};

/// Drops members of weight 0 and divides by the greatest common divisor.
Weighted weighted(std::span<const MergeMember> members, std::span<const std::int64_t> weights) {
  if (members.empty()) throw UsageError("average models: there is no member to average");
  require(members.size() == weights.size(), "average: one weight for each member");
  std::int64_t divisor = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (weights[i] < 0)
      throw UsageError(concat("average models: member ", members[i].id, " has the weight ", weights[i],
                              "; weights cannot be negative"));
    divisor = std::gcd(divisor, weights[i]);
  }
  if (divisor == 0) throw UsageError("average models: all weights are 0; use uniform weights");
  Weighted result;
  std::int64_t total = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::int64_t weight = weights[i] / divisor;
    if (weight >= kWeightLimit - total)
      throw UsageError(concat("average models: the weights add up to ", kWeightLimit,
                              " or more even after division by their greatest common divisor, ", divisor,
                              "; use uniform weights or fewer members"));
    if (weight == 0) continue;
    total += weight;
    result.members.push_back(&members[i]);
    result.weights.push_back(static_cast<double>(weight));
  }
  result.total = static_cast<double>(total);
  return result;
}

void require_same_architecture(const nn::StateLayout& layout, const MergeMember& member) {
  const auto parameters = static_cast<std::int64_t>(member.parameters.size());
  const auto statistics = static_cast<std::int64_t>(member.statistics.size());
  if (parameters == layout.parameter_count && statistics == layout.statistic_count) return;
  throw UsageError(concat("average models: ", member.name, " has ", parameters, " parameters and ",
                          statistics, " statistics, the model has ", layout.parameter_count, " and ",
                          layout.statistic_count,
                          "; models of different architectures cannot be averaged, use merge = best"));
}

/// Says which member and tensor hold a value that is not finite.
[[noreturn]] void refuse_values(std::span<const nn::Tensor> tensors, const Weighted& weighted,
                                std::span<const float> MergeMember::*part) {
  for (const MergeMember* member : weighted.members) {
    for (const nn::Tensor& tensor : tensors) {
      const auto values =
          (member->*part)
              .subspan(static_cast<std::size_t>(tensor.offset), static_cast<std::size_t>(tensor.count));
      if (!std::all_of(values.begin(), values.end(), is_finite))
        throw DataError(
            concat("average models: ", member->name, ": ", tensor.name, " holds a value that is not finite"));
    }
  }
  throw DataError("average models: a member holds a value that is not finite");
}

std::int64_t mean_of(const kernels::Table<float>& table, const Weighted& weighted,
                     std::span<const float* const> values, std::span<float> out) {
  return table.weighted_mean(static_cast<std::int64_t>(out.size()), static_cast<int>(values.size()),
                             values.data(), weighted.weights.data(), weighted.total, out.data());
}

/// Variance of one batch norm: mean over members of (variance + squared distance of the mean from `mean`),
/// each member's sum in double and rounded to float once, so that members' order stays without effect.
void pool_variance(const kernels::Table<float>& table, const Weighted& weighted, const nn::Tensor& of_mean,
                   const nn::Tensor& of_variance, std::span<float> statistics) {
  const auto count = static_cast<std::size_t>(of_variance.count);
  const auto first_mean = static_cast<std::size_t>(of_mean.offset);
  const auto first_variance = static_cast<std::size_t>(of_variance.offset);
  const std::size_t members = weighted.members.size();
  std::vector<float> spreads(members * count);
  std::vector<const float*> values;
  for (std::size_t m = 0; m < members; ++m) {
    const std::span<const float> source = weighted.members[m]->statistics;
    for (std::size_t i = 0; i < count; ++i) {
      const double distance =
          static_cast<double>(source[first_mean + i]) - static_cast<double>(statistics[first_mean + i]);
      spreads[m * count + i] =
          static_cast<float>(static_cast<double>(source[first_variance + i]) + distance * distance);
    }
    values.push_back(spreads.data() + m * count);
  }
  if (mean_of(table, weighted, values, statistics.subspan(first_variance, count)) == 0) return;
  throw DataError(concat("average models: the pooled ", of_variance.name,
                         " passes the largest float; the members' means lie too far apart, leave the "
                         "diverged one out"));
}

void average_statistics(const kernels::Table<float>& table, const nn::StateLayout& layout,
                        const Weighted& weighted, std::span<float> statistics) {
  std::vector<const float*> values;
  for (const MergeMember* member : weighted.members) values.push_back(member->statistics.data());
  if (mean_of(table, weighted, values, statistics) != 0)
    refuse_values(layout.statistics, weighted, &MergeMember::statistics);
  // Means are in place now; the averaged variances are replaced by pooled ones.
  const std::vector<nn::Tensor>& tensors = layout.statistics;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i].role != nn::TensorRole::running_variance) continue;
    require(i > 0 && tensors[i - 1].role == nn::TensorRole::running_mean &&
                tensors[i - 1].count == tensors[i].count,
            "average: a running variance stands behind its mean");
    pool_variance(table, weighted, tensors[i - 1], tensors[i], statistics);
  }
}

}  // namespace

Model average(const kernels::Table<float>& table, const nn::StateLayout& layout,
              std::span<const MergeMember> members, std::span<const std::int64_t> weights) {
  for (const MergeMember& member : members) require_same_architecture(layout, member);
  const Weighted counted = weighted(members, weights);
  Model model{AlignedBuffer<float>(static_cast<std::size_t>(layout.parameter_count)),
              AlignedBuffer<float>(static_cast<std::size_t>(layout.statistic_count))};
  std::vector<const float*> values;
  for (const MergeMember* member : counted.members) values.push_back(member->parameters.data());
  if (mean_of(table, counted, values, model.parameters.span()) != 0)
    refuse_values(layout.parameters, counted, &MergeMember::parameters);
  average_statistics(table, layout, counted, model.statistics.span());
  return model;
}

}  // namespace cohort::round
