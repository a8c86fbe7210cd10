// Batch norm's running values counted anew by a pass over images: the merge policy `recompute`.
#pragma once

#include <cstdint>
#include <span>

#include "cohort/comm/communicator.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/kernels/table.hpp"
#include "cohort/nn/model.hpp"
#include "cohort/nn/state_layout.hpp"
#include "cohort/train/worker_pool.hpp"

namespace cohort::round {

/// Statistics of the given parameters over `samples`, as training counts them: the mean over micro-batches of
/// the batch means and of the unbiased batch variances, each value added as an exact integer
/// (docs/numerics.md, "Recomputed statistics"). The same bits on any number of ranks and threads.
///
/// Micro-batch v holds samples v·m … v·m + m - 1 of the list, without augmentation; what is left over at the
/// end takes no part. Fewer than m samples make one smaller micro-batch.
///
/// Shapes      statistics [layout.statistic_count], overwritten on every rank.
/// Collective  with equal arguments on every rank. Throws UsageError for no sample, micro_batch < 1 or more
///             than kMaxMicroBatches micro-batches; AgreedError when a value is not finite or out of range.
void recompute_statistics(comm::Communicator& comm, train::WorkerPool& pool,
                          const kernels::Table<float>& table, const data::Dataset& dataset,
                          std::span<const std::int32_t> samples, std::int64_t micro_batch,
                          const nn::Model& model, const nn::StateLayout& layout,
                          std::span<const float> parameters, std::span<float> statistics);

}  // namespace cohort::round
