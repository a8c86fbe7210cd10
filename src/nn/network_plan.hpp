// Which memory a network needs, when, and where it lies in the one arena.
//
// Steps: node i of n runs forward at step i and backward at step 2n - 1 - i. A training pass keeps
//   - a convolution's or linear layer's source until its backward (gradient of the weight),
//   - a batch norm's source, and with ReLU its output (the mask), until its backward,
//   - the winners of a max pool, the inverse deviations of a batch norm;
// everything else dies with its last reader. So a residual branch's last batch norm, without ReLU, is not
// kept. The gradient of a value lives from the backward of its last reader to the backward of its writer; by
// then the activations of later layers are dead, and gradients take their place, as do the gradients of
// parameters, each handed out and forgotten within one step. What the caller reads or writes between passes
// (input, logits, their gradient, batch statistics) and the kernels' one scratch area live throughout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cohort/kernels/table.hpp"
#include "cohort/nn/model.hpp"
#include "cohort/nn/network.hpp"
#include "cohort/nn/state_layout.hpp"
#include "nn/memory_plan.hpp"

namespace cohort::nn {

inline constexpr std::int64_t kNowhere = -1;

/// Offsets in the arena, in bytes, of what one node alone uses; kNowhere where it needs nothing.
struct NodePlan {
  std::int64_t winner = kNowhere;              ///< max pool
  std::int64_t inverse_std = kNowhere;         ///< batch norm
  std::int64_t parameter_gradient = kNowhere;  ///< of the weight, then the bias; gamma and beta side by side
  /// Gradients that cannot be added where they belong; written here, then added.
  std::int64_t spare_input = kNowhere;
  std::int64_t spare_residual = kNowhere;
  /// The gradient of the value read has already received a later reader's share.
  bool adds_to_input = false;
  bool adds_to_residual = false;
};

struct NetworkPlan {
  std::vector<std::int64_t> value;     ///< offset of each value
  std::vector<std::int64_t> gradient;  ///< offset of its gradient; kNowhere for the input, and in inference
  std::vector<NodePlan> nodes;
  std::int64_t batch_statistics = kNowhere;
  std::int64_t scratch = 0;
  std::size_t scratch_bytes = 0;
  std::int64_t bytes = 0;           ///< the whole arena
  std::vector<Lifetime> lifetimes;  ///< what was planned, for reports and tests
};

/// Elements of a value for `images` images, in the layout that kernels read.
std::int64_t value_count(const Model& model, int value, int images);

/// Throws UsageError when the model cannot run (check_model) or there is not even one image.
template <typename T>
NetworkPlan plan_network(const Model& model, const StateLayout& layout, const kernels::Table<T>& table,
                         int images, Purpose purpose);

}  // namespace cohort::nn
