#include "cohort/train/evaluator.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>

#include "cohort/comm/agree.hpp"
#include "cohort/core/error.hpp"
#include "cohort/data/augment.hpp"
#include "cohort/kernels/select.hpp"

namespace cohort::train {
namespace {

/// Puts the images of `samples` into the network's input, runs it, and copies the dense logits out.
void predict_block(nn::Network<float>& network, const data::Dataset& dataset,
                   std::span<const std::int32_t> samples, const data::Normalization& normalization,
                   int classes, std::span<const float> parameters, std::span<const float> statistics,
                   std::span<float> out) {
  const Shape shape = dataset.image_shape();
  const auto image = static_cast<std::size_t>(shape.count());
  for (std::size_t i = 0; i < samples.size(); ++i)
    data::prepare_plain(dataset.pixels(samples[i]), shape, normalization,
                        network.input().subspan(i * image, image));
  network.infer(parameters, statistics, static_cast<int>(samples.size()));
  const auto stride = static_cast<std::size_t>(kernels::padded(classes));
  const auto width = static_cast<std::size_t>(classes);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::span<const float> row = network.logits().subspan(i * stride, width);
    std::copy(row.begin(), row.end(), out.begin() + static_cast<std::ptrdiff_t>(i * width));
  }
}

}  // namespace

std::vector<float> predict_logits(comm::Communicator& comm, WorkerPool& pool,
                                  const kernels::Table<float>& table, const data::Dataset& dataset,
                                  std::span<const std::int32_t> indices,
                                  const data::Normalization& normalization, const nn::Model& model,
                                  const nn::StateLayout& layout, std::span<const float> parameters,
                                  std::span<const float> statistics) {
  require(model.input() == dataset.image_shape(),
          "predict_logits: the model's input is not the data set's image");
  comm::agree(comm, "check the kernels", [&] { kernels::require_exact(table); });
  const auto samples = static_cast<std::int64_t>(indices.size());
  std::vector<std::int64_t> offsets;  // of the ranks' shares, in logits
  for (int rank = 0; rank <= comm.ranks(); ++rank)
    offsets.push_back(samples * rank / comm.ranks() * model.classes);
  std::vector<float> logits(static_cast<std::size_t>(samples * model.classes));

  const std::int64_t first = samples * comm.rank() / comm.ranks();
  const std::int64_t last = samples * (comm.rank() + 1) / comm.ranks();
  const std::int64_t block =
      std::min<std::int64_t>(kInferenceImages, std::max<std::int64_t>(1, last - first));
  std::vector<std::unique_ptr<nn::Network<float>>> networks(static_cast<std::size_t>(pool.workers()));
  pool.run((last - first + block - 1) / block, [&](int worker, std::int64_t index) {
    auto& network = networks[static_cast<std::size_t>(worker)];
    if (!network)
      network = std::make_unique<nn::Network<float>>(model, layout, table, static_cast<int>(block),
                                                     nn::Purpose::inference);
    const std::int64_t begin = first + index * block, count = std::min(block, last - begin);
    predict_block(*network, dataset,
                  indices.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count)),
                  normalization, model.classes, parameters, statistics,
                  std::span(logits).subspan(static_cast<std::size_t>(begin * model.classes),
                                            static_cast<std::size_t>(count * model.classes)));
  });
  comm.all_gather_parts(logits, offsets);
  return logits;
}

}  // namespace cohort::train
