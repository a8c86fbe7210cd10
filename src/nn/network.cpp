#include "cohort/nn/network.hpp"

#include "nn/executor.hpp"

namespace cohort::nn {

template <typename T>
struct Network<T>::State {
  Executor<T> executor;
};

template <typename T>
Network<T>::Network(const Model& model, const StateLayout& layout, const kernels::Table<T>& table, int images,
                    Purpose purpose)
    : state_(new State{Executor<T>(model, layout, table, images, purpose)}) {}

template <typename T>
Network<T>::~Network() = default;

template <typename T>
Network<T>::Network(Network&&) noexcept = default;

template <typename T>
std::span<T> Network<T>::input() {
  return state_->executor.input();
}

template <typename T>
std::span<const T> Network<T>::logits() const {
  return state_->executor.logits();
}

template <typename T>
std::span<T> Network<T>::d_logits() {
  return state_->executor.d_logits();
}

template <typename T>
void Network<T>::forward(std::span<const T> parameters) {
  state_->executor.forward(parameters);
}

template <typename T>
std::span<const T> Network<T>::batch_statistics() const {
  return state_->executor.batch_statistics();
}

template <typename T>
void Network<T>::backward(std::span<const T> parameters, const GradientSink& sink) {
  state_->executor.backward(parameters, sink);
}

template <typename T>
void Network<T>::infer(std::span<const T> parameters, std::span<const T> statistics, int count) {
  state_->executor.infer(parameters, statistics, count);
}

template <typename T>
int Network<T>::images() const {
  return state_->executor.images();
}

template <typename T>
std::int64_t Network<T>::arena_bytes() const {
  return state_->executor.arena_bytes();
}

std::int64_t planned_arena_bytes(const Model& model, const kernels::Table<float>& table, int images,
                                 Purpose purpose) {
  return plan_network(model, layout_state(model), table, images, purpose).bytes;
}

template class Network<float>;
template class Network<double>;

}  // namespace cohort::nn
