#include "cohort/core/error.hpp"
#include "nn/executor.hpp"

namespace cohort::nn {

template <typename T>
void Executor<T>::add_spare(std::int64_t spare, int index) {
  T* sum = gradient(index);
  table_->add(value_count(model_, index, images_), sum, at(spare), sum);
}

template <typename T>
void Executor<T>::backward_convolution(std::size_t index, std::span<const T> parameters,
                                       const typename Network<T>::GradientSink& sink) {
  const Node& node = model_.nodes[index];
  const kernels::ConvShape shape = conv_shape(model_, node, images_);
  const Tensor& weight = parameter(tensors_[index].weight);
  const T* d_dst = gradient(node.output);
  T* d_parameter = at(plan_.nodes[index].parameter_gradient);
  if (node.op == Op::linear) {
    const Tensor& bias = parameter(tensors_[index].bias);
    table_->bias_backward(images_, static_cast<int>(bias.count), d_dst, d_parameter, {});
    sink(bias, {d_parameter, static_cast<std::size_t>(bias.count)});
  }
  table_->conv_backward_weight(shape, value(node.input), d_dst, d_parameter, scratch(), {});
  sink(weight, {d_parameter, static_cast<std::size_t>(weight.count)});
  if (node.input == 0) return;
  table_->conv_backward_data(shape, d_dst, parameters.data() + weight.offset, gradient(node.input),
                             plan_.nodes[index].adds_to_input, scratch(), {});
}

template <typename T>
void Executor<T>::backward_batch_norm(std::size_t index, std::span<const T> parameters,
                                      const typename Network<T>::GradientSink& sink) {
  const Node& node = model_.nodes[index];
  const NodePlan& plan = plan_.nodes[index];
  const Tensor& gamma = parameter(tensors_[index].weight);
  const Tensor& beta = parameter(tensors_[index].bias);
  kernels::BatchNormGradients<T> gradients;
  gradients.d_dst = gradient(node.output);
  gradients.dst = node.relu ? value(node.output) : nullptr;
  gradients.d_src = plan.adds_to_input ? at(plan.spare_input) : gradient(node.input);
  if (node.residual != -1) {
    gradients.d_residual = plan.adds_to_residual ? at(plan.spare_residual) : gradient(node.residual);
  }
  gradients.d_gamma = at(plan.parameter_gradient);
  gradients.d_beta = gradients.d_gamma + gamma.count;
  table_->batch_norm_backward(maps(node.input, images_), training_batch_norm(index, parameters), gradients,
                              {});
  sink(beta, {gradients.d_beta, static_cast<std::size_t>(beta.count)});
  sink(gamma, {gradients.d_gamma, static_cast<std::size_t>(gamma.count)});
  if (plan.adds_to_input) add_spare(plan.spare_input, node.input);
  if (plan.adds_to_residual) add_spare(plan.spare_residual, node.residual);
}

template <typename T>
void Executor<T>::backward_pool(std::size_t index) {
  const Node& node = model_.nodes[index];
  const NodePlan& plan = plan_.nodes[index];
  const T* d_dst = gradient(node.output);
  T* d_src = plan.adds_to_input ? at(plan.spare_input) : gradient(node.input);
  if (node.op == Op::max_pool) {
    const auto* winner = reinterpret_cast<const std::uint8_t*>(at(plan.winner));
    table_->max_pool_backward(pool(node, images_), d_dst, winner, d_src, {});
  } else {
    table_->average_pool_backward(pool(node, images_), d_dst, d_src, {});
  }
  if (plan.adds_to_input) add_spare(plan.spare_input, node.input);
}

template <typename T>
void Executor<T>::backward(std::span<const T> parameters, const typename Network<T>::GradientSink& sink) {
  require(can_run_backward_, "network: backward without a forward before it");
  can_run_backward_ = false;  // gradients take the place of the values they were made from
  for (std::size_t index = model_.nodes.size(); index-- > 0;) {
    switch (model_.nodes[index].op) {
      case Op::convolution:
      case Op::linear:
        backward_convolution(index, parameters, sink);
        break;
      case Op::batch_norm:
        backward_batch_norm(index, parameters, sink);
        break;
      case Op::max_pool:
      case Op::average_pool:
        backward_pool(index);
        break;
    }
  }
}

template class Executor<float>;
template class Executor<double>;

}  // namespace cohort::nn
