#include "cohort/train/gradient_sum.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "cohort/core/fixed_point.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/nn/model.hpp"
#include "cohort/train/worker_pool.hpp"

namespace cohort::train {
namespace {

constexpr std::int64_t kCount = 100003;  // several lock pieces, the last one short

std::vector<float> gradient(std::uint64_t draw, std::int64_t count) {
  RandomSequence random(11, Stream::test_inputs, draw);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = static_cast<float>(random.uniform(-3, 3));
  return values;
}

TEST(ExactSum, IsTheSumOfRoundedTerms) {
  ExactSum sum(40, kGradientScaleBits, kernels::exact_table("auto"));
  const std::vector<float> a = gradient(1, 40), b = gradient(2, 40);
  sum.add(0, a);
  sum.add(0, b);
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_EQ(sum.sums()[i], *to_fixed_point(static_cast<double>(a[i]), kGradientScaleBits) +
                                 *to_fixed_point(static_cast<double>(b[i]), kGradientScaleBits));
}

TEST(ExactSum, DoesNotDependOnOrderOrThreads) {
  constexpr std::int64_t kTerms = 24;
  std::vector<std::vector<float>> terms;
  for (std::int64_t i = 0; i < kTerms; ++i) terms.push_back(gradient(static_cast<std::uint64_t>(i), kCount));
  ExactSum forward(kCount, kGradientScaleBits, kernels::exact_table("scalar"));
  for (const auto& term : terms) forward.add(0, term);

  for (const int workers : {1, 2, 4}) {
    WorkerPool pool(workers);
    ExactSum shared(kCount, kGradientScaleBits, kernels::exact_table("auto"));
    pool.run(kTerms, [&](int, std::int64_t index) {
      const std::span<const float> term = terms[static_cast<std::size_t>(kTerms - 1 - index)];
      const auto cut = static_cast<std::size_t>(997 * (index + 1));  // tensors begin anywhere
      shared.add(static_cast<std::int64_t>(cut), term.subspan(cut));
      shared.add(0, term.first(cut));
    });
    EXPECT_TRUE(std::equal(shared.sums().begin(), shared.sums().end(), forward.sums().begin()));
    EXPECT_EQ(shared.rejected(), 0);
  }
}

TEST(ExactSum, CountsWhatItCannotAdd) {
  ExactSum sum(4, kGradientScaleBits, kernels::exact_table("auto"));
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> bad{nan, -inf, 1.0F, 2048.0F};
  sum.add(0, bad);
  EXPECT_EQ(sum.rejected(), 3);
  EXPECT_EQ(sum.sums()[0], 0);
  EXPECT_EQ(sum.sums()[2], std::int64_t{1} << kGradientScaleBits);
  sum.clear(0, 1);
  EXPECT_EQ(sum.rejected(), 0);
  EXPECT_EQ(sum.sums()[2], 0);
}

TEST(ExactSum, ClearsInParts) {
  ExactSum sum(kCount, kGradientScaleBits, kernels::exact_table("auto"));
  sum.add(0, gradient(1, kCount));
  for (int part = 0; part < 7; ++part) sum.clear(part, 7);
  EXPECT_TRUE(
      std::all_of(sum.sums().begin(), sum.sums().end(), [](std::int64_t value) { return value == 0; }));
}

TEST(GradientSum, PutsATensorInItsPlace) {
  const nn::StateLayout layout = nn::layout_state(nn::build_model({"cnn-small", "", 3, {3, 16, 16}}));
  GradientSum sum(layout, kernels::exact_table("auto"));
  const nn::Tensor& tensor = layout.parameters.at(3);
  sum.add(tensor, std::vector<float>(static_cast<std::size_t>(tensor.count), 0.5F));
  const auto sums = sum.sums();
  for (std::int64_t i = 0; i < layout.parameter_count; ++i) {
    const bool inside = i >= tensor.offset && i < tensor.offset + tensor.count;
    ASSERT_EQ(sums[static_cast<std::size_t>(i)], inside ? std::int64_t{1} << (kGradientScaleBits - 1) : 0)
        << i;
  }
  EXPECT_THROW(sum.add(tensor, std::vector<float>(5)), std::logic_error);
}

}  // namespace
}  // namespace cohort::train
