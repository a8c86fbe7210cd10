#include "cohort/round/recompute_statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "cohort/comm/agree.hpp"
#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/data/augment.hpp"
#include "cohort/nn/network.hpp"
#include "mpi/train/shared_data.hpp"

namespace cohort::round {
namespace {

class RecomputeStatistics : public tests::SharedData {
 protected:
  RecomputeStatistics()
      : full_(train::resolved(tests::tiny_job().recipe, *dataset_)),
        model_(nn::build_model(full_.model)),
        layout_(nn::layout_state(model_)),
        parameters_(static_cast<std::size_t>(layout_.parameter_count)),
        initial_(static_cast<std::size_t>(layout_.statistic_count)),
        samples_(dataset_->indices(data::Split::train)) {
    nn::initialise(layout_, 7, parameters_, initial_);
  }

  std::vector<float> counted(comm::Communicator& comm, int threads, std::span<const std::int32_t> samples,
                             std::int64_t micro_batch = 8, std::string_view isa = "auto") {
    std::vector<float> statistics(initial_.size(), std::numeric_limits<float>::quiet_NaN());
    train::WorkerPool pool(threads);
    recompute_statistics(comm, pool, kernels::exact_table(isa), *dataset_, samples, micro_batch, model_,
                         layout_, parameters_, statistics);
    return statistics;
  }

  const train::Recipe full_;
  const nn::Model model_;
  const nn::StateLayout layout_;
  std::vector<float> parameters_, initial_;
  const std::vector<std::int32_t> samples_;
  comm::Communicator alone_ = comm::Communicator::self();
};

TEST_F(RecomputeStatistics, DoNotDependOnRanksThreadsOrInstructionSet) {
  const std::vector<float> expected = counted(alone_, 1, samples_, 8, "scalar");
  for (const int threads : {1, 2, 3}) EXPECT_EQ(counted(comm_, threads, samples_), expected) << threads;
  for (const kernels::Isa isa : kernels::available_isas())
    EXPECT_EQ(counted(comm_, 1, samples_, 8, kernels::name_of(isa)), expected) << kernels::name_of(isa);
}

TEST_F(RecomputeStatistics, AreTheMeanOverMicroBatches) {
  constexpr std::size_t kBatch = 8;
  const std::size_t batches = samples_.size() / kBatch;
  std::vector<double> mean(initial_.size(), 0);
  nn::Network<float> network(model_, layout_, kernels::exact_table("auto"), kBatch, nn::Purpose::training);
  const auto image = static_cast<std::size_t>(dataset_->image_shape().count());
  for (std::size_t v = 0; v < batches; ++v) {
    for (std::size_t i = 0; i < kBatch; ++i)
      data::prepare_plain(dataset_->pixels(samples_[v * kBatch + i]), dataset_->image_shape(),
                          dataset_->normalization(), network.input().subspan(i * image, image));
    network.forward(parameters_);
    for (std::size_t i = 0; i < mean.size(); ++i)
      mean[i] += static_cast<double>(network.batch_statistics()[i]) / static_cast<double>(batches);
  }
  const std::vector<float> statistics = counted(comm_, 1, samples_);
  for (std::size_t i = 0; i < mean.size(); ++i)
    EXPECT_NEAR(statistics[i], mean[i], 1e-6 * (1 + std::abs(mean[i])));
  EXPECT_NE(statistics, initial_);
}

TEST_F(RecomputeStatistics, LeaveOutWhatFillsNoMicroBatch) {
  const std::span<const std::int32_t> samples(samples_);
  const std::vector<float> expected = counted(comm_, 1, samples.first(64));
  EXPECT_EQ(counted(comm_, 2, samples.first(71)), expected);
  EXPECT_NE(counted(comm_, 2, samples.first(72)), expected);
}

TEST_F(RecomputeStatistics, TakeASmallMicroBatchWhereThereIsNoFullOne) {
  const std::vector<float> statistics = counted(comm_, 1, std::span(samples_).first(3));
  EXPECT_EQ(counted(comm_, 2, std::span(samples_).first(3), 3), statistics);
  for (const float value : statistics) EXPECT_TRUE(std::isfinite(value));
}

TEST_F(RecomputeStatistics, RefuseWhatCannotBeCounted) {
  EXPECT_THROW(counted(comm_, 1, {}), UsageError);
  EXPECT_THROW(counted(comm_, 1, samples_, 0), UsageError);
  const std::vector<std::int32_t> many(kMaxMicroBatches + 1, 0);
  EXPECT_THROW(counted(comm_, 1, many, 1), UsageError);
  parameters_[0] = std::numeric_limits<float>::infinity();
  EXPECT_THROW(counted(comm_, 1, samples_), comm::AgreedError);
}

}  // namespace
}  // namespace cohort::round
