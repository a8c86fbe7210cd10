// Exact validation on any number of ranks and threads: each sample once, integer counts, no padding.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cohort/comm/communicator.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/kernels/table.hpp"
#include "cohort/nn/network.hpp"
#include "cohort/train/metrics.hpp"
#include "cohort/train/worker_pool.hpp"

namespace cohort::train {

/// Most images that an inference network takes at once; no bit depends on it.
inline constexpr std::int64_t kInferenceImages = 32;

/// Logits of every sample in `indices`, [count][classes] dense, on every rank. Collective. Throws AgreedError
/// when a rank's kernels have not the bits of numerics_version (kernels::require_exact).
std::vector<float> predict_logits(comm::Communicator& comm, WorkerPool& pool,
                                  const kernels::Table<float>& table, const data::Dataset& dataset,
                                  std::span<const std::int32_t> indices,
                                  const data::Normalization& normalization, const nn::Model& model,
                                  const nn::StateLayout& layout, std::span<const float> parameters,
                                  std::span<const float> statistics);

/// Scores of dense logits: confusion by predicted_class, loss, integer rank counts per class. Not collective.
/// Throws Error when a logit is not finite.
Metrics score(int classes, std::span<const float> logits, std::span<const std::int32_t> truth);

}  // namespace cohort::train
