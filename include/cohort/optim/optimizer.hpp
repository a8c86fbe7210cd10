// Parameter updates on a slice of the flat buffer; every rank owns one slice and the optimizer state for it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "cohort/core/aligned_buffer.hpp"
#include "cohort/kernels/table.hpp"

namespace cohort::optim {

/// The update rules (docs/numerics.md).
enum class OptimizerKind { sgd, adamw, lars };

/// "sgd", "adamw" or "lars".
std::string_view name_of(OptimizerKind kind);

/// Which rule, with which hyper-parameters.
struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::sgd;
  double momentum = 0.9;                              ///< sgd, lars
  bool nesterov = true;                               ///< sgd, lars
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;  ///< adamw
  double weight_decay = 5e-4;                         ///< not applied to batch norm and bias
  double trust = 1e-3;   ///< lars: local rate = trust * |w| / (|g| + weight_decay * |w| + 1e-9), 1 where
                         ///< |w| or |g| is 0; for tensors that decay, |g| after clipping
  double clip_norm = 0;  ///< global gradient norm limit; 0 = off
};

/// Throws UsageError listing every option out of range.
void check_optimizer(const OptimizerOptions& options);

/// One tensor of the flat parameter buffer, as the optimizer sees it.
struct TensorRange {
  std::int64_t offset = 0;
  std::int64_t count = 0;  ///< a multiple of kLanes
  bool decays = false;     ///< weight decay (and lars' trust ratio) apply
};

/// Norm chunks of all tensors: kNormChunk elements each, restarting at each tensor.
std::int64_t chunk_count(std::span<const TensorRange> tensors);

/// Names of the state buffers: {"momentum"} or {"m", "v"}.
std::vector<std::string_view> slot_names(OptimizerKind kind);

/// Σg² and Σw² per norm chunk, for all chunks of the model (each rank fills its own slice's, then all are
/// gathered).
struct ChunkNorms {
  std::vector<double> gradient;
  std::vector<double> parameter;  ///< filled only when the optimizer asks for it (lars)
};

/// Global gradient norm: chunk sums folded in order, then the square root.
double global_norm(std::span<const double> chunk_sums);

/// What a gradient of this norm is multiplied by: min(1, clip_norm / (norm + 1e-6)), or 1 when clip_norm is
/// 0.
double clip_scale(double clip_norm, double norm);

/// Steps the elements [begin, end) of the flat parameter buffer.
///
/// Requires  begin and end lie on chunk boundaries of the tensors.
/// Ensures   the result for an element does not depend on the slice that contains it.
template <typename T>
class Optimizer {
 public:
  Optimizer(const OptimizerOptions& options, std::span<const TensorRange> tensors,
            const kernels::Table<T>& table, std::int64_t begin, std::int64_t end);

  [[nodiscard]] bool needs_gradient_norms() const;   ///< clipping or lars
  [[nodiscard]] bool needs_parameter_norms() const;  ///< lars

  /// Chunk sums of this slice, to be gathered: index of the first chunk and one value per chunk.
  [[nodiscard]] std::int64_t first_chunk() const;
  [[nodiscard]] std::int64_t chunk_count() const;
  void chunk_sums(std::span<const T> slice, std::span<double> sums) const;

  /// One update. `gradient` and `parameters` are the slice (end - begin elements); `norms` covers all chunks
  /// of the model and may be empty when not needed; `step` counts from 0.
  void step(std::int64_t step, double learning_rate, const ChunkNorms& norms, std::span<const T> gradient,
            std::span<T> parameters);

  /// State buffers of the slice, in the order of slot_names.
  [[nodiscard]] std::span<T> slot(int index);
  [[nodiscard]] int slots() const;

 private:
  struct Piece {  ///< the part of one tensor inside the slice; `begin` counts from the slice's start
    std::int64_t tensor = 0, begin = 0, count = 0;
  };
  double gradient_scale(const ChunkNorms& norms) const;
  double trust_ratio(std::int64_t tensor, const ChunkNorms& norms, double scale) const;
  OptimizerOptions options_;
  std::vector<TensorRange> tensors_;
  const kernels::Table<T>* table_;
  std::int64_t begin_, end_;
  std::int64_t first_chunk_ = 0, chunk_count_ = 0;
  std::vector<std::int64_t> chunk_starts_;  ///< first chunk of each tensor, and the end
  std::vector<Piece> pieces_;
  std::vector<AlignedBuffer<T>> slots_;
};

}  // namespace cohort::optim
