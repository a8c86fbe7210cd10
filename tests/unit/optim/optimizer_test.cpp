#include "cohort/optim/optimizer.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <string>

#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/kernels/select.hpp"

namespace cohort::optim {
namespace {

/// Norms of the whole buffer, by one optimizer that owns all of it.
template <typename T>
ChunkNorms all_norms(const Optimizer<T>& optimizer, std::span<const T> gradient,
                     std::span<const T> parameters) {
  ChunkNorms norms;
  const auto chunks = static_cast<std::size_t>(optimizer.chunk_count());
  if (optimizer.needs_gradient_norms()) {
    norms.gradient.resize(chunks);
    optimizer.chunk_sums(gradient, norms.gradient);
  }
  if (optimizer.needs_parameter_norms()) {
    norms.parameter.resize(chunks);
    optimizer.chunk_sums(parameters, norms.parameter);
  }
  return norms;
}

// ---- ten steps in double against PyTorch 1.13 (its own loops in float64, same closed-form inputs) ----

/// count values ((i * factor) mod modulus) / modulus - 1/2, then padding.
void fill(std::span<double> block, int count, int factor, int modulus) {
  for (int i = 0; i < count; ++i) {
    block[static_cast<std::size_t>(i)] = static_cast<double>(i * factor % modulus) / modulus - 0.5;
  }
}

/// A weight of six numbers that decays and a bias of three that does not, each in one block of 16.
const std::vector<TensorRange> kPair{{0, 16, true}, {16, 16, false}};

std::vector<double> ten_steps(const OptimizerOptions& options, double rate) {
  Optimizer<double> optimizer(options, kPair, kernels::reference_table(), 0, 32);
  std::vector<double> parameters(32), gradient(32);
  fill(std::span(parameters), 6, 7, 11);
  fill(std::span(parameters).subspan(16), 3, 5, 9);
  for (int step = 0; step < 10; ++step) {
    fill(std::span(gradient), 6, 3 + step, 13);
    fill(std::span(gradient).subspan(16), 3, 4 + step, 7);
    const ChunkNorms norms = all_norms<double>(optimizer, gradient, parameters);
    optimizer.step(step, rate / (1 + step), norms, gradient, parameters);
  }
  std::vector<double> real(parameters.begin(), parameters.begin() + 6);
  real.insert(real.end(), parameters.begin() + 16, parameters.begin() + 19);
  return real;
}

void expect_near(const std::vector<double>& actual, const std::vector<double>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], 1e-12) << i;
}

TEST(Optimizer, StepsSgdWithNesterovAsPyTorchDoes) {
  expect_near(ten_steps({.kind = OptimizerKind::sgd, .weight_decay = 5e-2}, 0.1),
              {0.02815606917610437, 0.21575872734760465, -0.25971689072970566, 0.30211324671593437,
               -0.04323951207569085, -0.23462352871969516, 0.011047709309984147, 0.028540251378800483,
               -0.23462893717051028});
}

TEST(Optimizer, StepsSgdWithPlainMomentumAsPyTorchDoes) {
  expect_near(ten_steps({.kind = OptimizerKind::sgd, .nesterov = false, .weight_decay = 5e-2}, 0.1),
              {-0.07917229130086349, 0.20134228583209618, -0.2528625750552866, 0.327167621983655,
               -0.02029512231767594, -0.25641810260714387, -0.09488967043158728, 0.03928571644759641,
               -0.2683235356316326});
}

TEST(Optimizer, ClipsAsPyTorchDoes) {
  expect_near(ten_steps({.kind = OptimizerKind::sgd, .weight_decay = 5e-2, .clip_norm = 0.3}, 0.1),
              {-0.32463060447135117, 0.15508334590232647, -0.22747124732090473, 0.3601871912336613,
               0.020617542872539283, -0.28232610554479975, -0.3473789793370287, 0.04481134403449101,
               -0.34514275521380944});
}

TEST(Optimizer, StepsAdamWAsPyTorchDoes) {
  OptimizerOptions options{.kind = OptimizerKind::adamw, .beta2 = 0.98, .weight_decay = 5e-2};
  expect_near(ten_steps(options, 0.01), {-0.4699960820812629, 0.15672483109439406, -0.2242534302121857,
                                         0.39207828604170863, 0.032694581909041565, -0.30500428361470056,
                                         -0.4707103180461111, 0.039619214148552594, -0.36964260518638276});
  options.clip_norm = 0.3;
  expect_near(ten_steps(options, 0.01), {-0.47003276708196656, 0.15669647369580952, -0.2242029850654649,
                                         0.39170586647468064, 0.033468178369762194, -0.30510921195612745,
                                         -0.470747017032218, 0.03925373053559578, -0.3696791724584668});
}

// ---- LARS against a plain loop ----

TEST(Optimizer, ScalesEachTensorByItsTrustRatio) {
  const OptimizerOptions options{
      .kind = OptimizerKind::lars, .weight_decay = 5e-2, .trust = 0.02, .clip_norm = 0.4};
  std::vector<double> w(32), m(32);
  fill(std::span(w), 6, 7, 11);
  fill(std::span(w).subspan(16), 3, 5, 9);
  for (int step = 0; step < 10; ++step) {
    std::vector<double> g(32);
    fill(std::span(g), 6, 3 + step, 13);
    fill(std::span(g).subspan(16), 3, 4 + step, 7);
    const auto norm = [](const std::vector<double>& v, std::size_t begin, std::size_t end) {
      double sum = 0;
      for (std::size_t i = begin; i < end; ++i) sum += v[i] * v[i];
      return std::sqrt(sum);
    };
    const double scale = std::min(1.0, 0.4 / (norm(g, 0, 32) + 1e-6));
    const double weight = norm(w, 0, 16), rate = 3.0 / (1 + step);
    const double trust = 0.02 * weight / (scale * norm(g, 0, 16) + 5e-2 * weight + 1e-9);
    for (std::size_t i = 0; i < 32; ++i) {
      const double direction = i < 16 ? (g[i] * scale + 5e-2 * w[i]) * trust : g[i] * scale;
      m[i] = 0.9 * m[i] + direction;
      w[i] -= rate * (direction + 0.9 * m[i]);
    }
  }
  std::vector<double> expected(w.begin(), w.begin() + 6);
  expected.insert(expected.end(), w.begin() + 16, w.begin() + 19);
  expect_near(ten_steps(options, 3.0), expected);
}

TEST(Optimizer, MovesATensorOfZerosUnderLars) {
  const OptimizerOptions options{.kind = OptimizerKind::lars, .momentum = 0, .nesterov = false};
  const std::vector<TensorRange> tensors{{0, 16, true}};
  Optimizer<double> optimizer(options, tensors, kernels::reference_table(), 0, 16);
  std::vector<double> parameters(16), gradient(16, 0.5);
  optimizer.step(0, 0.1, all_norms<double>(optimizer, gradient, parameters), gradient, parameters);
  EXPECT_DOUBLE_EQ(parameters[0], -0.05);
}

// ---- slices ----

/// Tensors whose ends fall inside chunks, on them, and one that is shorter than a chunk.
const std::vector<TensorRange> kTensors{
    {0, 10'000, true}, {10'000, 48, false}, {10'048, 4096, true}, {14'144, 8208, true}};
constexpr std::int64_t kCount = 14'144 + 8208;

std::vector<float> random_values(std::uint64_t draw, double deviation) {
  RandomSequence random(3, Stream::test_inputs, draw);
  std::vector<float> values(static_cast<std::size_t>(kCount));
  for (float& value : values) value = static_cast<float>(deviation * random.normal());
  return values;
}

std::vector<std::uint32_t> bits(std::span<const float> values) {
  std::vector<std::uint32_t> patterns;
  for (const float value : values) patterns.push_back(std::bit_cast<std::uint32_t>(value));
  return patterns;
}

struct Outcome {
  std::vector<float> parameters;
  std::vector<float> slots;
};

/// Three steps with the buffer cut at `cuts`; norms are gathered slice by slice, as ranks do.
Outcome run_in_slices(const OptimizerOptions& options, std::vector<std::int64_t> cuts) {
  cuts.insert(cuts.begin(), 0);
  cuts.push_back(kCount);
  std::vector<Optimizer<float>> optimizers;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    optimizers.emplace_back(options, kTensors, kernels::exact_table("auto"), cuts[i], cuts[i + 1]);
  }
  Outcome outcome{random_values(0, 0.1), {}};
  const auto slice = [&](std::size_t i, auto& buffer) {
    return std::span(buffer).subspan(static_cast<std::size_t>(cuts[i]),
                                     static_cast<std::size_t>(cuts[i + 1] - cuts[i]));
  };
  for (int step = 0; step < 3; ++step) {
    const std::vector<float> gradient = random_values(1 + static_cast<std::uint64_t>(step), 0.01);
    ChunkNorms norms;
    const auto chunks = static_cast<std::size_t>(chunk_count(kTensors));
    norms.gradient.assign(chunks, NAN);
    norms.parameter.assign(chunks, NAN);
    for (std::size_t i = 0; i < optimizers.size(); ++i) {
      const auto first = static_cast<std::size_t>(optimizers[i].first_chunk());
      const auto count = static_cast<std::size_t>(optimizers[i].chunk_count());
      optimizers[i].chunk_sums(slice(i, gradient), std::span(norms.gradient).subspan(first, count));
      optimizers[i].chunk_sums(std::span<const float>(slice(i, outcome.parameters)),
                               std::span(norms.parameter).subspan(first, count));
    }
    for (std::size_t i = 0; i < optimizers.size(); ++i) {
      optimizers[i].step(step, 0.1, norms, slice(i, gradient), slice(i, outcome.parameters));
    }
  }
  for (int slot = 0; slot < optimizers[0].slots(); ++slot) {
    for (Optimizer<float>& optimizer : optimizers) {
      outcome.slots.insert(outcome.slots.end(), optimizer.slot(slot).begin(), optimizer.slot(slot).end());
    }
  }
  return outcome;
}

class Slices : public testing::TestWithParam<OptimizerKind> {};

TEST_P(Slices, GiveTheSameBitsHoweverTheBufferIsCut) {
  const OptimizerOptions options{.kind = GetParam(), .clip_norm = 0.5};
  const Outcome whole = run_in_slices(options, {});
  EXPECT_NE(bits(whole.parameters), bits(random_values(0, 0.1)));
  for (const std::vector<std::int64_t>& cuts : std::vector<std::vector<std::int64_t>>{
           {4096}, {8192, 10'000, 14'144}, {0, 10'048, 14'144 + 8192}, {10'000, 10'000, 10'048}, {kCount}}) {
    const Outcome cut = run_in_slices(options, cuts);
    EXPECT_EQ(bits(cut.parameters), bits(whole.parameters));
    EXPECT_EQ(bits(cut.slots), bits(whole.slots));
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Slices,
                         testing::Values(OptimizerKind::sgd, OptimizerKind::adamw, OptimizerKind::lars),
                         [](const auto& test) { return std::string(name_of(test.param)); });

TEST(Optimizer, NumbersChunksFromEachTensorsStart) {
  EXPECT_EQ(chunk_count(kTensors), 3 + 1 + 1 + 3);
  const Optimizer<float> slice({}, kTensors, kernels::exact_table("auto"), 8192, 14'144 + 4096);
  EXPECT_EQ(slice.first_chunk(), 2);
  EXPECT_EQ(slice.chunk_count(), 4);
}

TEST(Optimizer, RefusesASliceThatCutsAChunk) {
  const auto make = [](std::int64_t begin, std::int64_t end) {
    return Optimizer<float>({}, kTensors, kernels::exact_table("auto"), begin, end);
  };
  EXPECT_THROW(make(0, 4100), std::logic_error);
  EXPECT_THROW(make(16, kCount), std::logic_error);
  EXPECT_THROW(make(0, kCount + 16), std::logic_error);
  EXPECT_NO_THROW(make(4096, 4096));
}

TEST(Optimizer, AsksOnlyForTheNormsItNeeds) {
  const auto needs = [](const OptimizerOptions& options) {
    const Optimizer<float> optimizer(options, kTensors, kernels::exact_table("auto"), 0, kCount);
    return std::pair(optimizer.needs_gradient_norms(), optimizer.needs_parameter_norms());
  };
  EXPECT_EQ(needs({.kind = OptimizerKind::sgd}), std::pair(false, false));
  EXPECT_EQ(needs({.kind = OptimizerKind::adamw, .clip_norm = 1}), std::pair(true, false));
  EXPECT_EQ(needs({.kind = OptimizerKind::lars}), std::pair(true, true));
  Optimizer<float> lars({.kind = OptimizerKind::lars}, kTensors, kernels::exact_table("auto"), 0, kCount);
  std::vector<float> buffer(kCount);
  EXPECT_THROW(lars.step(0, 0.1, {}, buffer, buffer), std::logic_error);
}

TEST(Optimizer, NamesItsState) {
  EXPECT_EQ(slot_names(OptimizerKind::sgd), (std::vector<std::string_view>{"momentum"}));
  EXPECT_EQ(slot_names(OptimizerKind::adamw), (std::vector<std::string_view>{"m", "v"}));
  Optimizer<float> adamw({.kind = OptimizerKind::adamw}, kTensors, kernels::exact_table("auto"), 4096,
                         10'000);
  EXPECT_EQ(adamw.slots(), 2);
  EXPECT_EQ(adamw.slot(1).size(), 10'000u - 4096u);
}

TEST(GlobalNorm, FoldsChunkSumsInOrder) {
  EXPECT_EQ(global_norm(std::vector<double>{9, 16}), 5.0);
  EXPECT_EQ(global_norm({}), 0.0);
  const std::vector<double> sums{1e16, 1, 1};  // in any other order the ones would count
  EXPECT_EQ(global_norm(sums), 1e8);
}

TEST(ClipScale, NeverEnlargesAGradient) {
  EXPECT_EQ(clip_scale(0, 100), 1.0);
  EXPECT_EQ(clip_scale(2, 1), 1.0);
  EXPECT_EQ(clip_scale(1, 4), 1 / (4 + 1e-6));
}

}  // namespace
}  // namespace cohort::optim
