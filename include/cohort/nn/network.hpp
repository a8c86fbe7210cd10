// Runs a model on one micro-batch: forward, backward, inference, in memory planned once. Knows no file and no
// rank.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "cohort/kernels/table.hpp"
#include "cohort/nn/model.hpp"
#include "cohort/nn/state_layout.hpp"

namespace cohort::nn {

/// Whether a Network keeps what backward needs.
enum class Purpose { training, inference };

/// A model with the memory to run it on up to `images` images at once.
///
/// One Network belongs to one thread; parameters and statistics are passed in and shared. T is float for
/// training, double for gradient checks.
///
/// Throws  UsageError for a model that cannot run (check_model); std::logic_error for passes out of order and
///         buffers of another size.
/// Cost    one arena, planned so that what is never needed together shares bytes (src/nn/network_plan.hpp).
template <typename T>
class Network {
 public:
  /// Called once per parameter tensor during backward, as soon as its gradient is whole; the span is only
  /// valid during the call.
  using GradientSink = std::function<void(const Tensor& tensor, std::span<const T> gradient)>;

  Network(const Model& model, const StateLayout& layout, const kernels::Table<T>& table, int images,
          Purpose purpose);
  ~Network();
  Network(Network&&) noexcept;

  /// Where the caller puts the images: [images][H][W][C] when the input has at most 4 channels, else blocked.
  [[nodiscard]] std::span<T> input();
  /// [images][padded classes]; valid after forward or infer.
  [[nodiscard]] std::span<const T> logits() const;
  /// Where the caller puts the gradient of the loss before backward; padding lanes must be +0.
  [[nodiscard]] std::span<T> d_logits();

  /// Training pass with batch statistics over all `images`. Requires Purpose::training.
  void forward(std::span<const T> parameters);
  /// Mean and unbiased variance of every batch norm in the last forward, in the layout of the statistics
  /// buffer.
  [[nodiscard]] std::span<const T> batch_statistics() const;
  /// Gradients of all parameters, last node first. Requires a preceding forward of its own: gradients take
  /// the place of the values they are made from.
  void backward(std::span<const T> parameters, const GradientSink& sink);

  /// Inference with running statistics on the first `count` images; a sample's logits never depend on the
  /// others. Works in either kind of network, and ends what a forward has prepared for backward.
  void infer(std::span<const T> parameters, std::span<const T> statistics, int count);

  /// The most images it can take at once.
  [[nodiscard]] int images() const;
  /// Bytes of activations, gradients and scratch that this object holds.
  [[nodiscard]] std::int64_t arena_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What a Network of these arguments would allocate, without allocating it.
std::int64_t planned_arena_bytes(const Model& model, const kernels::Table<float>& table, int images,
                                 Purpose purpose);

}  // namespace cohort::nn
