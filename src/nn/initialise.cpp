#include "cohort/core/error.hpp"
#include "cohort/core/exact_math.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/nn/state_layout.hpp"

namespace cohort::nn {
namespace {

/// Elements that feed one output of a weight.
std::int64_t fan_in(const Tensor& weight) {
  return weight.canonical_count() / weight.extents[0];
}
/// Elements that one input of a convolution feeds.
std::int64_t fan_out(const Tensor& weight) {
  return weight.canonical_count() / weight.extents[1];
}

/// Canonical values of parameter tensor `index`; element i takes number i of the tensor's own sequence.
std::vector<float> initial_values(const StateLayout& layout, std::size_t index, std::uint64_t seed) {
  const Tensor& tensor = layout.parameters[index];
  std::vector<float> values(static_cast<std::size_t>(tensor.canonical_count()));
  RandomSequence random(seed, Stream::initial_weights, index);
  const auto fill_uniform = [&](std::int64_t inputs) {
    const double bound = 1.0 / exact::sqrt(static_cast<double>(inputs));
    for (float& value : values) value = static_cast<float>(random.uniform(-bound, bound));
  };
  switch (tensor.role) {
    case TensorRole::conv_weight: {
      const double deviation = exact::sqrt(2.0 / static_cast<double>(fan_out(tensor)));
      for (float& value : values) value = static_cast<float>(random.normal() * deviation);
      break;
    }
    case TensorRole::linear_weight:
      fill_uniform(fan_in(tensor));
      break;
    case TensorRole::linear_bias:
      fill_uniform(fan_in(layout.parameters[index - 1]));  // its weight stands right before it
      break;
    case TensorRole::gamma:
    case TensorRole::running_variance:
      values.assign(values.size(), 1.0f);
      break;
    case TensorRole::beta:
    case TensorRole::running_mean:
      break;
  }
  return values;
}

}  // namespace

void initialise(const StateLayout& layout, std::uint64_t seed, std::span<float> parameters,
                std::span<float> statistics) {
  require(parameters.size() == static_cast<std::size_t>(layout.parameter_count) &&
              statistics.size() == static_cast<std::size_t>(layout.statistic_count),
          "initialise: the buffers are not of this layout");
  for (std::size_t index = 0; index < layout.parameters.size(); ++index) {
    from_canonical(layout.parameters[index], initial_values(layout, index, seed), parameters);
  }
  for (const Tensor& tensor : layout.statistics) {
    const float value = tensor.role == TensorRole::running_variance ? 1.0f : 0.0f;
    const std::vector<float> values(static_cast<std::size_t>(tensor.canonical_count()), value);
    from_canonical(tensor, values, statistics);
  }
}

}  // namespace cohort::nn
