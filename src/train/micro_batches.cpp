#include "train/micro_batches.hpp"

#include <cstddef>

#include "cohort/core/fixed_point.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/data/augment.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/kernels/softmax.hpp"

namespace cohort::train {

MicroBatches::MicroBatches(WorkerPool& pool, const kernels::Table<float>& table, const data::Dataset& dataset,
                           const nn::Model& model, const nn::StateLayout& layout, const Recipe& recipe)
    : pool_(&pool),
      table_(&table),
      dataset_(&dataset),
      model_(&model),
      layout_(&layout),
      recipe_(&recipe),
      networks_(static_cast<std::size_t>(pool.workers())),
      gradients_(layout, table),
      statistics_(layout.statistic_count, kStatisticScaleBits, table) {}

void MicroBatches::compute(const GlobalBatch& batch, int rank, int ranks, std::span<const float> parameters) {
  const int workers = pool_->workers();
  pool_->run(workers, [&](int, std::int64_t part) { gradients_.clear(static_cast<int>(part), workers); });
  statistics_.clear(0, 1);
  loss_.store(0);
  rejected_losses_.store(0);

  const std::int64_t first = count() * rank / ranks, last = count() * (rank + 1) / ranks;
  pool_->run(last - first,
             [&](int worker, std::int64_t index) { compute_one(worker, batch, first + index, parameters); });
}

std::int64_t MicroBatches::rejected() const {
  return gradients_.rejected() + statistics_.rejected() + rejected_losses_.load();
}

void MicroBatches::compute_one(int worker, const GlobalBatch& batch, std::int64_t micro_batch,
                               std::span<const float> parameters) {
  kernels::require_exact_float_environment("training step");
  nn::Network<float>& net = network(worker);
  const auto first = static_cast<std::size_t>(micro_batch * recipe_->micro_batch);
  const auto size = static_cast<std::size_t>(recipe_->micro_batch);

  prepare_inputs(net, batch, static_cast<std::int64_t>(first));
  net.forward(parameters);
  add_loss(kernels::cross_entropy<float>({model_->classes, recipe_->label_smoothing}, net.logits(),
                                         std::span(batch.labels).subspan(first, size),
                                         std::span(batch.weights).subspan(first, size), net.d_logits()));
  statistics_.add(0, net.batch_statistics());
  net.backward(parameters, [&](const nn::Tensor& tensor, std::span<const float> gradient) {
    gradients_.add(tensor, gradient);
  });
}

nn::Network<float>& MicroBatches::network(int worker) {
  // Made by the thread that uses it, so that its pages lie near that thread's core.
  auto& mine = networks_[static_cast<std::size_t>(worker)];
  if (!mine)
    mine = std::make_unique<nn::Network<float>>(
        *model_, *layout_, *table_, static_cast<int>(recipe_->micro_batch), nn::Purpose::training);
  return *mine;
}

void MicroBatches::prepare_inputs(nn::Network<float>& network, const GlobalBatch& batch,
                                  std::int64_t first) const {
  const Shape shape = dataset_->image_shape();
  const auto image = static_cast<std::size_t>(shape.count());
  for (std::int64_t i = 0; i < recipe_->micro_batch; ++i) {
    const std::int64_t position = first + i;
    data::prepare_training(dataset_->pixels(batch.samples[static_cast<std::size_t>(position)]), shape,
                           dataset_->normalization(), recipe_->augment, recipe_->seed,
                           batch.first_draw + position,
                           network.input().subspan(static_cast<std::size_t>(i) * image, image));
  }
}

void MicroBatches::add_loss(double loss) {
  if (const auto value = to_fixed_point(loss, kGradientScaleBits))
    loss_.fetch_add(*value);
  else
    rejected_losses_.fetch_add(1);
}

}  // namespace cohort::train
