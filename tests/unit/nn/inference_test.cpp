// Inference: a sample's logits are its own, whatever stands beside it.
#include <gtest/gtest.h>

#include "cohort/kernels/select.hpp"
#include "cohort/nn/network.hpp"
#include "unit/nn/network_pass.hpp"

namespace cohort::nn::tiny {
namespace {

/// Logits of `count` images, of which image n is random image `first` + n.
template <typename T>
std::vector<std::vector<std::uint64_t>> inferred(Network<T>& network, const Subject<T>& subject, int count,
                                                 std::uint64_t first) {
  fill_images(subject.model, network.input(), network.images(), first);
  network.infer(subject.parameters, subject.statistics, count);
  std::vector<std::vector<std::uint64_t>> samples;
  const auto stride = network.logits().size() / static_cast<std::size_t>(network.images());
  for (std::size_t n = 0; n < static_cast<std::size_t>(count); ++n) {
    samples.push_back(bits(network.logits().subspan(n * stride, stride)));
  }
  return samples;
}

template <typename T>
void expect_independent_samples(const kernels::Table<T>& table) {
  const auto subject = make_subject<T>(kModel);
  auto seven = network_for(subject, table, 7, Purpose::inference);
  const auto reference = inferred(seven, subject, 7, 0);
  EXPECT_NE(reference[0], reference[1]);
  // The same images at other positions, beside other neighbours, fewer at once, in networks of other sizes.
  const auto shifted = inferred(seven, subject, 7, 3);
  const auto fewer = inferred(seven, subject, 2, 3);
  auto single = network_for(subject, table, 1, Purpose::inference);
  auto training = network_for(subject, table, 4, Purpose::training);
  const auto trained = inferred(training, subject, 4, 2);
  for (std::size_t n = 3; n < 7; ++n) {
    EXPECT_EQ(shifted[n - 3], reference[n]) << n;
    EXPECT_EQ(inferred(single, subject, 1, n)[0], reference[n]) << n;
  }
  EXPECT_EQ(fewer[1], reference[4]);
  EXPECT_EQ(trained[3], reference[5]);
}

TEST(Inference, GivesEachSampleItsOwnLogitsInDouble) {
  expect_independent_samples(kernels::reference_table());
}

TEST(Inference, GivesEachSampleItsOwnLogitsInFloat) {
  expect_independent_samples(kernels::exact_table("auto"));
}

TEST(Inference, UsesRunningStatistics) {
  auto subject = make_subject<double>(kModel);
  auto network = network_for(subject, kernels::reference_table(), 3, Purpose::training);
  // With the batch's own mean and biased variance as running statistics, inference repeats the training pass.
  const Pass<double> pass = run_pass(network, subject);
  subject.statistics = pass.statistics;
  for (const Tensor& tensor : subject.layout.statistics) {
    if (tensor.role != TensorRole::running_variance) continue;
    const double values = tensor.name.starts_with("layer2") ? 3 * 5 * 4 : 3 * 9 * 7;
    for (std::int64_t i = tensor.offset; i < tensor.offset + tensor.count; ++i) {
      subject.statistics[static_cast<std::size_t>(i)] *= (values - 1) / values;
    }
  }
  network.infer(subject.parameters, subject.statistics, 3);
  for (std::size_t i = 0; i < pass.logits.size(); ++i)
    EXPECT_NEAR(network.logits()[i], pass.logits[i], 1e-11);
}

TEST(Inference, KeepsTheStatisticsOfTheLastTrainingPass) {
  const auto subject = make_subject<double>(kModel);
  auto network = network_for(subject, kernels::reference_table(), 2, Purpose::training);
  const Pass<double> pass = run_pass(network, subject);
  network.infer(subject.parameters, subject.statistics, 2);
  const auto statistics = network.batch_statistics();
  EXPECT_EQ(bits(std::vector<double>(statistics.begin(), statistics.end())), bits(pass.statistics));
}

}  // namespace
}  // namespace cohort::nn::tiny
