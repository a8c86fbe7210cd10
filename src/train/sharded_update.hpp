// The update of a step: exact gradient sums become parameters, each rank stepping its own slice.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cohort/comm/communicator.hpp"
#include "cohort/core/aligned_buffer.hpp"
#include "cohort/kernels/table.hpp"
#include "cohort/nn/state_layout.hpp"
#include "cohort/optim/optimizer.hpp"
#include "cohort/train/gradient_sum.hpp"
#include "cohort/train/options.hpp"
#include "cohort/train/worker_pool.hpp"

namespace cohort::train {

/// Owns this rank's slice of optimizer state and averaged parameters.
///
/// A rank's slice is cut again into one piece per thread. Every cut lies on a norm chunk, so no bit depends
/// on it.
class ShardedUpdate {
 public:
  ShardedUpdate(comm::Communicator& comm, WorkerPool& pool, const kernels::Table<float>& table,
                const nn::StateLayout& layout, const Recipe& recipe);

  struct Outcome {
    double gradient_norm = 0;  ///< before clipping; 0 when nothing asked for it
    double reduce_s = 0, update_s = 0;
  };
  /// Sums over ranks, steps this rank's slice, gathers the parameters. `sums` is used up. Collective.
  Outcome apply(std::int64_t step, double learning_rate, ExactSum& sums, std::span<float> parameters);

  /// Optimizer state zero, average equal to `parameters`.
  void reset(std::span<const float> parameters);

  [[nodiscard]] std::vector<std::string> slot_names() const;
  [[nodiscard]] bool has_average() const { return one_minus_decay_ > 0; }
  /// One whole optimizer buffer, or the whole average, on every rank. Collective.
  void gather_slot(int slot, std::span<float> whole);
  void gather_average(std::span<float> whole);
  /// Takes this rank's slice out of a whole buffer.
  void set_slot(int slot, std::span<const float> whole);
  void set_average(std::span<const float> whole);

 private:
  struct Piece {
    std::int64_t begin = 0, end = 0;
    optim::Optimizer<float> optimizer;
    AlignedBuffer<float> gradient, average;
  };
  void for_each_piece(const std::function<void(Piece&)>& work);
  void convert_and_measure(ExactSum& sums, std::span<const float> parameters);
  void gather_norms();
  void step_piece(Piece& piece, std::int64_t step, double learning_rate, std::span<float> parameters);

  comm::Communicator* comm_;
  WorkerPool* pool_;
  const kernels::Table<float>* table_;
  optim::OptimizerOptions options_;
  float one_minus_decay_;
  std::vector<std::int64_t> offsets_;        ///< of the ranks' slices, in elements
  std::vector<std::int64_t> chunk_offsets_;  ///< the same in norm chunks
  bool needs_gradient_norms_ = false, needs_parameter_norms_ = false;
  std::vector<Piece> pieces_;
  optim::ChunkNorms norms_;
};

}  // namespace cohort::train
