#include "cohort/nn/state_layout.hpp"

#include <algorithm>
#include <bit>

#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/kernels/layout.hpp"

namespace cohort::nn {
namespace {

bool is_weight(TensorRole role) {
  return role == TensorRole::conv_weight || role == TensorRole::linear_weight;
}

/// Appends tensors to one flat buffer, back to back.
class FlatBuffer {
 public:
  FlatBuffer(std::vector<Tensor>& tensors, std::int64_t& end) : tensors_(tensors), end_(end) {}

  void add_weight(const Node& node, const kernels::ConvShape& conv) {
    Tensor tensor;
    tensor.name = node.name + ".weight";
    tensor.conv = conv;
    tensor.decays = true;
    tensor.extents = {conv.destination_channels, conv.source_channels};
    tensor.role = TensorRole::linear_weight;
    if (node.op == Op::convolution) {
      tensor.role = TensorRole::conv_weight;
      tensor.extents.insert(tensor.extents.end(), {conv.kernel_height, conv.kernel_width});
    }
    tensor.count = conv.weight_count();
    append(std::move(tensor));
  }

  void add_vector(const std::string& name, TensorRole role, int channels) {
    Tensor tensor;
    tensor.name = name;
    tensor.role = role;
    tensor.extents = {channels};
    tensor.count = kernels::padded(channels);
    append(std::move(tensor));
  }

 private:
  void append(Tensor tensor) {
    tensor.offset = end_;
    end_ += tensor.count;
    tensors_.push_back(std::move(tensor));
  }
  std::vector<Tensor>& tensors_;
  std::int64_t& end_;
};

void append_with_batch_norms(const Model& model, const Node& node, std::vector<const Node*>& order) {
  order.push_back(&node);
  for (const Node& follower : model.nodes) {
    if (follower.op == Op::batch_norm && follower.input == node.output) {
      append_with_batch_norms(model, follower, order);
    }
  }
}

/// The nodes in the order in which a torchvision state dict lists their tensors.
///
/// That is the order of execution, except that a batch norm stands right behind the node whose output it
/// normalises; a residual block runs its skip path between the two.
std::vector<const Node*> state_order(const Model& model) {
  std::vector<const Node*> order;
  for (const Node& node : model.nodes) {
    if (node.op != Op::batch_norm) append_with_batch_norms(model, node, order);
  }
  require(order.size() == model.nodes.size(), "layout_state: a batch norm follows no node");
  return order;
}

void require_flat(const Tensor& tensor, std::size_t canonical, std::size_t flat) {
  require(canonical == static_cast<std::size_t>(tensor.canonical_count()),
          "state tensor: the canonical form has another size");
  require(flat >= static_cast<std::size_t>(tensor.offset + tensor.count),
          "state tensor: the flat buffer ends before the tensor does");
}

}  // namespace

std::int64_t Tensor::canonical_count() const {
  std::int64_t product = 1;
  for (const std::int64_t extent : extents) product *= extent;
  return product;
}

std::vector<std::int64_t> StateLayout::chunk_boundaries() const {
  std::vector<std::int64_t> boundaries;
  for (const Tensor& tensor : parameters) {
    for (std::int64_t at = 0; at < tensor.count; at += kNormChunk) boundaries.push_back(tensor.offset + at);
  }
  boundaries.push_back(parameter_count);
  return boundaries;
}

std::int64_t StateLayout::trainable_count() const {
  std::int64_t count = 0;
  for (const Tensor& tensor : parameters) count += tensor.canonical_count();
  return count;
}

StateLayout layout_state(const Model& model) {
  StateLayout layout;
  FlatBuffer parameters(layout.parameters, layout.parameter_count);
  FlatBuffer statistics(layout.statistics, layout.statistic_count);
  for (const Node* node : state_order(model)) {
    const int channels = model.values[static_cast<std::size_t>(node->output)].channels;
    switch (node->op) {
      case Op::convolution:
        parameters.add_weight(*node, conv_shape(model, *node, 1));
        break;
      case Op::linear:
        parameters.add_weight(*node, conv_shape(model, *node, 1));
        parameters.add_vector(node->name + ".bias", TensorRole::linear_bias, channels);
        break;
      case Op::batch_norm:
        parameters.add_vector(node->name + ".weight", TensorRole::gamma, channels);
        parameters.add_vector(node->name + ".bias", TensorRole::beta, channels);
        statistics.add_vector(node->name + ".running_mean", TensorRole::running_mean, channels);
        statistics.add_vector(node->name + ".running_var", TensorRole::running_variance, channels);
        break;
      case Op::max_pool:
      case Op::average_pool:
        break;
    }
  }
  return layout;
}

std::vector<float> to_canonical(const Tensor& tensor, std::span<const float> flat) {
  std::vector<float> canonical(static_cast<std::size_t>(tensor.canonical_count()));
  require_flat(tensor, canonical.size(), flat.size());
  const auto blocked =
      flat.subspan(static_cast<std::size_t>(tensor.offset), static_cast<std::size_t>(tensor.count));
  if (is_weight(tensor.role)) {
    kernels::unblock_weight<float>(tensor.conv, blocked, canonical);
  } else {
    std::copy_n(blocked.begin(), canonical.size(), canonical.begin());
  }
  return canonical;
}

void from_canonical(const Tensor& tensor, std::span<const float> canonical, std::span<float> flat) {
  require_flat(tensor, canonical.size(), flat.size());
  const auto blocked =
      flat.subspan(static_cast<std::size_t>(tensor.offset), static_cast<std::size_t>(tensor.count));
  if (is_weight(tensor.role)) {
    kernels::block_weight<float>(tensor.conv, canonical, blocked);
  } else {
    const auto end = std::copy(canonical.begin(), canonical.end(), blocked.begin());
    std::fill(end, blocked.end(), 0.0f);
  }
}

void update_digest(Sha256& hash, std::span<const Tensor> tensors, std::span<const float> flat) {
  static_assert(std::endian::native == std::endian::little, "digests hash float32 in little-endian order");
  for (const Tensor& tensor : tensors) {
    hash.update_field(tensor.name).update_u64(tensor.extents.size());
    for (const std::int64_t extent : tensor.extents) hash.update_u64(static_cast<std::uint64_t>(extent));
    const std::vector<float> canonical = to_canonical(tensor, flat);
    hash.update(std::as_bytes(std::span(canonical)));
  }
}

}  // namespace cohort::nn
