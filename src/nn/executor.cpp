#include "nn/executor.hpp"

#include "cohort/core/error.hpp"

namespace cohort::nn {
namespace {

/// Index of the tensor of this name, or -1.
int find_tensor(const std::vector<Tensor>& tensors, const std::string& name) {
  for (std::size_t index = 0; index < tensors.size(); ++index) {
    if (tensors[index].name == name) return static_cast<int>(index);
  }
  return -1;
}

}  // namespace

template <typename T>
Executor<T>::Executor(const Model& model, const StateLayout& layout, const kernels::Table<T>& table,
                      int images, Purpose purpose)
    : model_(model),
      layout_(layout),
      table_(&table),
      images_(images),
      purpose_(purpose),
      plan_(plan_network(model, layout, table, images, purpose)),
      arena_(static_cast<std::size_t>(plan_.bytes)) {
  for (const Node& node : model_.nodes) {
    NodeTensors tensors;
    tensors.weight = find_tensor(layout_.parameters, node.name + ".weight");
    tensors.bias = find_tensor(layout_.parameters, node.name + ".bias");
    tensors.mean = find_tensor(layout_.statistics, node.name + ".running_mean");
    tensors.variance = find_tensor(layout_.statistics, node.name + ".running_var");
    const bool needs_bias = node.op == Op::linear || node.op == Op::batch_norm;
    const bool needs_weight = needs_bias || node.op == Op::convolution;
    require((!needs_weight || tensors.weight >= 0) && (!needs_bias || tensors.bias >= 0) &&
                (node.op != Op::batch_norm || (tensors.mean >= 0 && tensors.variance >= 0)),
            "network: the layout is of another model");
    tensors_.push_back(tensors);
  }
}

template <typename T>
T* Executor<T>::at(std::int64_t offset) const {
  // The buffer is this object's own; constness of the object says that its plan does not change.
  auto* bytes = const_cast<std::byte*>(arena_.data());
  return reinterpret_cast<T*>(bytes + offset);
}

template <typename T>
const Tensor& Executor<T>::parameter(int index) const {
  return layout_.parameters[static_cast<std::size_t>(index)];
}

template <typename T>
const Tensor& Executor<T>::statistic(int index) const {
  return layout_.statistics[static_cast<std::size_t>(index)];
}

template <typename T>
kernels::Scratch Executor<T>::scratch() const {
  return {reinterpret_cast<std::byte*>(at(plan_.scratch)), plan_.scratch_bytes};
}

template <typename T>
kernels::MapShape Executor<T>::maps(int index, int images) const {
  const Shape shape = model_.values[static_cast<std::size_t>(index)];
  return {images, shape.channels, shape.height, shape.width};
}

template <typename T>
kernels::PoolShape Executor<T>::pool(const Node& node, int images) const {
  const Shape shape = model_.values[static_cast<std::size_t>(node.input)];
  return {images,      shape.channels,  shape.height,  shape.width, node.kernel_height, node.kernel_width,
          node.stride, node.pad_height, node.pad_width};
}

template <typename T>
kernels::BatchNormArguments<T> Executor<T>::batch_norm(std::size_t index,
                                                       std::span<const T> parameters) const {
  const Node& node = model_.nodes[index];
  kernels::BatchNormArguments<T> arguments;
  arguments.src = value(node.input);
  arguments.residual = node.residual == -1 ? nullptr : value(node.residual);
  arguments.gamma = parameters.data() + parameter(tensors_[index].weight).offset;
  arguments.beta = parameters.data() + parameter(tensors_[index].bias).offset;
  arguments.dst = value(node.output);
  arguments.inverse_std = at(plan_.nodes[index].inverse_std);
  arguments.epsilon = static_cast<T>(node.epsilon);
  arguments.relu = node.relu;
  return arguments;
}

template <typename T>
kernels::BatchNormArguments<T> Executor<T>::training_batch_norm(std::size_t index,
                                                                std::span<const T> parameters) const {
  kernels::BatchNormArguments<T> arguments = batch_norm(index, parameters);
  arguments.mean = at(plan_.batch_statistics) + statistic(tensors_[index].mean).offset;
  arguments.variance = at(plan_.batch_statistics) + statistic(tensors_[index].variance).offset;
  return arguments;
}

template <typename T>
void Executor<T>::run_node(std::size_t index, std::span<const T> parameters, int images) {
  const Node& node = model_.nodes[index];
  const T* src = value(node.input);
  T* dst = value(node.output);
  if (node.op == Op::max_pool) {
    auto* winner = reinterpret_cast<std::uint8_t*>(at(plan_.nodes[index].winner));
    table_->max_pool_forward(pool(node, images), src, dst, winner, {});
  } else if (node.op == Op::average_pool) {
    table_->average_pool_forward(pool(node, images), src, dst, {});
  } else {
    const T* weight = parameters.data() + parameter(tensors_[index].weight).offset;
    table_->conv_forward(conv_shape(model_, node, images), src, weight, dst, scratch(), {});
    if (node.op != Op::linear) return;
    const int channels = kernels::padded(model_.values[static_cast<std::size_t>(node.output)].channels);
    table_->bias_forward(images, channels, parameters.data() + parameter(tensors_[index].bias).offset, dst,
                         {});
  }
}

template <typename T>
void Executor<T>::forward(std::span<const T> parameters) {
  require(purpose_ == Purpose::training, "network: forward on a network made for inference");
  require(parameters.size() == static_cast<std::size_t>(layout_.parameter_count),
          "network: the parameters are of another model");
  for (std::size_t index = 0; index < model_.nodes.size(); ++index) {
    const Node& node = model_.nodes[index];
    if (node.op == Op::batch_norm) {
      table_->batch_norm_forward(maps(node.input, images_), training_batch_norm(index, parameters), {});
    } else {
      run_node(index, parameters, images_);
    }
  }
  can_run_backward_ = true;
}

template <typename T>
void Executor<T>::infer(std::span<const T> parameters, std::span<const T> statistics, int count) {
  require(parameters.size() == static_cast<std::size_t>(layout_.parameter_count) &&
              statistics.size() == static_cast<std::size_t>(layout_.statistic_count),
          "network: the parameters or statistics are of another model");
  require(count >= 1 && count <= images_, "network: more images than the network was made for, or none");
  can_run_backward_ = false;  // values are overwritten
  for (std::size_t index = 0; index < model_.nodes.size(); ++index) {
    const Node& node = model_.nodes[index];
    if (node.op != Op::batch_norm) {
      run_node(index, parameters, count);
      continue;
    }
    kernels::BatchNormArguments<T> arguments = batch_norm(index, parameters);
    // The kernel only reads them here; the argument struct serves the training pass too, which writes.
    arguments.mean = const_cast<T*>(statistics.data()) + statistic(tensors_[index].mean).offset;
    arguments.variance = const_cast<T*>(statistics.data()) + statistic(tensors_[index].variance).offset;
    table_->batch_norm_inference(maps(node.input, count), arguments, {});
  }
}

template <typename T>
std::span<T> Executor<T>::input() {
  return {value(0), static_cast<std::size_t>(value_count(model_, 0, images_))};
}

template <typename T>
std::span<const T> Executor<T>::logits() const {
  const int last = model_.nodes.back().output;
  return {value(last), static_cast<std::size_t>(value_count(model_, last, images_))};
}

template <typename T>
std::span<T> Executor<T>::d_logits() {
  require(purpose_ == Purpose::training, "network: no gradients in a network made for inference");
  const int last = model_.nodes.back().output;
  return {gradient(last), static_cast<std::size_t>(value_count(model_, last, images_))};
}

template <typename T>
std::span<const T> Executor<T>::batch_statistics() const {
  require(purpose_ == Purpose::training, "network: no batch statistics in a network made for inference");
  return {at(plan_.batch_statistics), static_cast<std::size_t>(layout_.statistic_count)};
}

template class Executor<float>;
template class Executor<double>;

}  // namespace cohort::nn
