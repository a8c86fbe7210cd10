// Models that differ, for tests of merging.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "cohort/core/philox.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/nn/model.hpp"
#include "cohort/round/merge.hpp"

namespace cohort::tests {

inline const nn::StateLayout& small_layout() {
  static const nn::StateLayout layout = nn::layout_state(nn::build_model({"cnn-small", "", 3, {3, 20, 20}}));
  return layout;
}

/// Initial weights of the seed, with statistics moved away from 0 and 1.
inline round::Model model_of(std::uint64_t seed) {
  const nn::StateLayout& layout = small_layout();
  round::Model model{AlignedBuffer<float>(static_cast<std::size_t>(layout.parameter_count)),
                     AlignedBuffer<float>(static_cast<std::size_t>(layout.statistic_count))};
  nn::initialise(layout, seed, model.parameters.span(), model.statistics.span());
  RandomSequence random(seed, Stream::test_inputs, 0);
  for (const nn::Tensor& tensor : layout.statistics) {
    const bool is_mean = tensor.role == nn::TensorRole::running_mean;
    for (std::int64_t i = 0; i < tensor.canonical_count(); ++i)
      model.statistics[static_cast<std::size_t>(tensor.offset + i)] =
          static_cast<float>(is_mean ? random.normal() : random.uniform(0.5, 2));
  }
  return model;
}

/// Members 0, 1, 2, … with models of their own.
class Members {
 public:
  round::MergeMember& add(std::uint64_t seed, std::int64_t samples, std::int64_t validation) {
    models_.push_back(model_of(seed));
    const round::Model& model = models_.back();
    const auto id = static_cast<std::int64_t>(list_.size());
    list_.push_back(
        {id, concat("member-", id), model.parameters.span(), model.statistics.span(), samples, validation});
    return list_.back();
  }
  /// The model of a member, to be spoiled.
  round::Model& model(std::size_t index) { return models_[index]; }
  [[nodiscard]] const std::vector<round::MergeMember>& list() const { return list_; }

 private:
  std::deque<round::Model> models_;  // models stay where the members' spans point
  std::vector<round::MergeMember> list_;
};

}  // namespace cohort::tests
