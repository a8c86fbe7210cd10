// Walks a model's nodes over an arena: what Network hides behind its public face.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "cohort/core/aligned_buffer.hpp"
#include "cohort/nn/network.hpp"
#include "nn/network_plan.hpp"

namespace cohort::nn {

template <typename T>
class Executor {
 public:
  Executor(const Model& model, const StateLayout& layout, const kernels::Table<T>& table, int images,
           Purpose purpose);

  void forward(std::span<const T> parameters);
  void backward(std::span<const T> parameters, const typename Network<T>::GradientSink& sink);
  void infer(std::span<const T> parameters, std::span<const T> statistics, int count);

  [[nodiscard]] std::span<T> input();
  [[nodiscard]] std::span<const T> logits() const;
  [[nodiscard]] std::span<T> d_logits();
  [[nodiscard]] std::span<const T> batch_statistics() const;
  [[nodiscard]] int images() const { return images_; }
  [[nodiscard]] std::int64_t arena_bytes() const { return plan_.bytes; }

 private:
  /// Tensors of one node: indexes into the layout's parameters and statistics, -1 where it has none.
  struct NodeTensors {
    int weight = -1, bias = -1, mean = -1, variance = -1;
  };

  [[nodiscard]] T* at(std::int64_t offset) const;
  [[nodiscard]] T* value(int index) const { return at(plan_.value[static_cast<std::size_t>(index)]); }
  [[nodiscard]] T* gradient(int index) const { return at(plan_.gradient[static_cast<std::size_t>(index)]); }
  [[nodiscard]] const Tensor& parameter(int index) const;
  [[nodiscard]] const Tensor& statistic(int index) const;
  [[nodiscard]] kernels::Scratch scratch() const;
  [[nodiscard]] kernels::MapShape maps(int index, int images) const;
  [[nodiscard]] kernels::PoolShape pool(const Node& node, int images) const;

  /// Everything but batch norm is the same in training and inference.
  void run_node(std::size_t index, std::span<const T> parameters, int images);
  [[nodiscard]] kernels::BatchNormArguments<T> batch_norm(std::size_t index,
                                                          std::span<const T> parameters) const;
  /// A batch norm's arguments in training: batch statistics go to, and come from, their place in the arena.
  [[nodiscard]] kernels::BatchNormArguments<T> training_batch_norm(std::size_t index,
                                                                   std::span<const T> parameters) const;
  void backward_convolution(std::size_t index, std::span<const T> parameters,
                            const typename Network<T>::GradientSink& sink);
  void backward_batch_norm(std::size_t index, std::span<const T> parameters,
                           const typename Network<T>::GradientSink& sink);
  void backward_pool(std::size_t index);
  void add_spare(std::int64_t spare, int index);

  Model model_;
  StateLayout layout_;
  const kernels::Table<T>* table_;
  int images_;
  Purpose purpose_;
  NetworkPlan plan_;
  std::vector<NodeTensors> tensors_;
  AlignedBuffer<std::byte> arena_;
  bool can_run_backward_ = false;
};

}  // namespace cohort::nn
