// Where each named tensor lies in the flat buffers: parameters (trained) and statistics (batch-norm running
// values). Buffers hold the kernels' blocked layout, padding lanes +0; files and digests hold the canonical
// one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/kernels/shapes.hpp"
#include "cohort/nn/model.hpp"

namespace cohort::nn {

/// What a tensor is to its layer; decides its initial value and whether it decays.
enum class TensorRole {
  conv_weight,
  linear_weight,
  linear_bias,
  gamma,
  beta,
  running_mean,
  running_variance
};

/// One named tensor: canonical shape as in a torchvision state dict, place in its flat buffer.
struct Tensor {
  std::string name;  ///< "layer1.0.conv1.weight", "bn1.running_mean"
  TensorRole role = TensorRole::conv_weight;
  std::vector<std::int64_t> extents;  ///< canonical: OIHW, (out, in), or (channels)
  kernels::ConvShape conv;            ///< for weights: the blocked layout (images = 1)
  std::int64_t offset = 0;            ///< first element in the flat buffer; a multiple of kLanes
  std::int64_t count = 0;             ///< blocked elements, padding included
  bool decays = false;                ///< weight decay applies (weights yes; batch norm and bias no)
  /// Elements without padding lanes.
  [[nodiscard]] std::int64_t canonical_count() const;
};

/// Both flat buffers of a model. Tensors stand as in torchvision's state dict: in order of execution, but a
/// batch norm's right behind those of the node whose output it normalises; so a residual block's
/// "downsample.*" come last, although it runs them before its last batch norm.
struct StateLayout {
  std::vector<Tensor> parameters;
  std::vector<Tensor> statistics;
  std::int64_t parameter_count = 0;  ///< elements of the flat parameter buffer
  std::int64_t statistic_count = 0;

  /// Start of every norm chunk (kNormChunk elements, restarting at each tensor) and the end: where slices may
  /// be cut.
  [[nodiscard]] std::vector<std::int64_t> chunk_boundaries() const;
  /// Trainable numbers without padding, as torchvision counts them.
  [[nodiscard]] std::int64_t trainable_count() const;
};

/// Places every tensor of the model, in the order that StateLayout describes.
StateLayout layout_state(const Model& model);

/// Canonical values of one tensor out of a flat blocked buffer, and back (padding lanes set to +0).
std::vector<float> to_canonical(const Tensor& tensor, std::span<const float> flat);
void from_canonical(const Tensor& tensor, std::span<const float> canonical, std::span<float> flat);

/// SHA-256 over the tensors' canonical forms: for each, in order, name (update_field), rank, extents, float32
/// little-endian values.
void update_digest(Sha256& hash, std::span<const Tensor> tensors, std::span<const float> flat);

/// torchvision's initial values (convolutions: normal, Kaiming fan-out; linear: uniform ±1/sqrt(fan_in) for
/// weight and bias; gamma 1, beta 0; running mean 0, variance 1), by exact math: the value of element i of
/// tensor t in canonical order depends on (seed, t, i) alone.
void initialise(const StateLayout& layout, std::uint64_t seed, std::span<float> parameters,
                std::span<float> statistics);

}  // namespace cohort::nn
