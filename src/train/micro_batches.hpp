// A rank's share of a step's micro-batches, computed by its threads into exact sums.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cohort/data/dataset.hpp"
#include "cohort/kernels/table.hpp"
#include "cohort/nn/network.hpp"
#include "cohort/train/gradient_sum.hpp"
#include "cohort/train/options.hpp"
#include "cohort/train/worker_pool.hpp"
#include "train/global_batch.hpp"

namespace cohort::train {

class MicroBatches {
 public:
  MicroBatches(WorkerPool& pool, const kernels::Table<float>& table, const data::Dataset& dataset,
               const nn::Model& model, const nn::StateLayout& layout, const Recipe& recipe);

  /// Forward, loss and backward of this rank's micro-batches: `rank` of `ranks` contiguous shares whose sizes
  /// differ by at most one. Clears the sums first. Throws Error when a thread's float environment is not
  /// exact.
  void compute(const GlobalBatch& batch, int rank, int ranks, std::span<const float> parameters);

  [[nodiscard]] ExactSum& gradients() { return gradients_; }
  /// Batch-norm means and variances, in the layout of the statistics buffer.
  [[nodiscard]] ExactSum& statistics() { return statistics_; }
  /// Fixed point with kGradientScaleBits.
  [[nodiscard]] std::int64_t loss() const { return loss_.load(); }
  /// Gradients, statistics and losses that were not finite or out of range.
  [[nodiscard]] std::int64_t rejected() const;
  /// Micro-batches of a global batch.
  [[nodiscard]] std::int64_t count() const { return recipe_->batch_size / recipe_->micro_batch; }

 private:
  void compute_one(int worker, const GlobalBatch& batch, std::int64_t micro_batch,
                   std::span<const float> parameters);
  nn::Network<float>& network(int worker);
  void prepare_inputs(nn::Network<float>& network, const GlobalBatch& batch, std::int64_t first) const;
  void add_loss(double loss);

  WorkerPool* pool_;
  const kernels::Table<float>* table_;
  const data::Dataset* dataset_;
  const nn::Model* model_;
  const nn::StateLayout* layout_;
  const Recipe* recipe_;
  std::vector<std::unique_ptr<nn::Network<float>>>
      networks_;  ///< one per worker, made by it at its first task
  GradientSum gradients_;
  ExactSum statistics_;
  std::atomic<std::int64_t> loss_{0}, rejected_losses_{0};
};

}  // namespace cohort::train
