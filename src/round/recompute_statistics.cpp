#include "cohort/round/recompute_statistics.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "cohort/comm/agree.hpp"
#include "cohort/core/error.hpp"
#include "cohort/core/fixed_point.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/data/augment.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/nn/network.hpp"
#include "cohort/train/gradient_sum.hpp"
#include "cohort/train/step.hpp"

namespace cohort::round {
namespace {

/// How the samples are cut into micro-batches of one size.
struct Cut {
  std::int64_t size = 0, count = 0;
};

Cut cut(std::int64_t samples, std::int64_t micro_batch) {
  if (samples < 1) throw UsageError("recompute statistics: there is no sample to count them on");
  if (micro_batch < 1)
    throw UsageError(concat("recompute statistics: micro_batch must be at least 1, got ", micro_batch));
  const std::int64_t size = std::min(samples, micro_batch), count = samples / size;
  if (count > kMaxMicroBatches)
    throw UsageError(concat("recompute statistics: ", samples, " samples make ", count, " micro-batches of ",
                            size, ", more than the ", kMaxMicroBatches,
                            " that an exact sum allows; use a larger micro_batch or fewer samples"));
  return {size, count};
}

void prepare_inputs(nn::Network<float>& network, const data::Dataset& dataset,
                    std::span<const std::int32_t> samples) {
  const Shape shape = dataset.image_shape();
  const auto image = static_cast<std::size_t>(shape.count());
  for (std::size_t i = 0; i < samples.size(); ++i)
    data::prepare_plain(dataset.pixels(samples[i]), shape, dataset.normalization(),
                        network.input().subspan(i * image, image));
}

}  // namespace

void recompute_statistics(comm::Communicator& comm, train::WorkerPool& pool,
                          const kernels::Table<float>& table, const data::Dataset& dataset,
                          std::span<const std::int32_t> samples, std::int64_t micro_batch,
                          const nn::Model& model, const nn::StateLayout& layout,
                          std::span<const float> parameters, std::span<float> statistics) {
  const Cut batches = cut(static_cast<std::int64_t>(samples.size()), micro_batch);
  require(static_cast<std::int64_t>(statistics.size()) == layout.statistic_count,
          "recompute_statistics: one value for each statistic");
  train::ExactSum sum(layout.statistic_count, kStatisticScaleBits, table);
  comm::agree(comm, "recompute statistics", [&] {
    std::vector<std::unique_ptr<nn::Network<float>>> networks(static_cast<std::size_t>(pool.workers()));
    const std::int64_t first = batches.count * comm.rank() / comm.ranks();
    const std::int64_t last = batches.count * (comm.rank() + 1) / comm.ranks();
    pool.run(last - first, [&](int worker, std::int64_t index) {
      kernels::require_exact_float_environment("recompute statistics");
      auto& network = networks[static_cast<std::size_t>(worker)];
      if (!network)
        network = std::make_unique<nn::Network<float>>(model, layout, table, static_cast<int>(batches.size),
                                                       nn::Purpose::training);
      const auto begin = static_cast<std::size_t>((first + index) * batches.size);
      prepare_inputs(*network, dataset, samples.subspan(begin, static_cast<std::size_t>(batches.size)));
      network->forward(parameters);
      sum.add(0, network->batch_statistics());
    });
  });
  const std::int64_t rejected = comm.sum(sum.rejected());
  if (rejected > 0)
    throw train::DivergedError(
        concat("recompute statistics: ", rejected,
               " batch statistics were not finite or out of range; the model has diverged"),
        ExitCode::data_refused);
  comm.sum(sum.sums());
  for (std::size_t i = 0; i < statistics.size(); ++i)
    statistics[i] = static_cast<float>(from_fixed_point(sum.sums()[i], kStatisticScaleBits) /
                                       static_cast<double>(batches.count));
}

}  // namespace cohort::round
