#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "cohort/core/text.hpp"
#include "unit/kernels/arrays.hpp"

namespace cohort::kernels {
namespace {

using namespace testing;

constexpr float kSmallestNormal = std::numeric_limits<float>::min();

float flushed(float x) {
  return std::fabs(x) < kSmallestNormal ? 0.0f : x;
}

template <typename T>
SgdScalars<T> sgd(bool nesterov, bool first_step) {
  return {.learning_rate = T(0.1),
          .momentum = T(0.9),
          .weight_decay = T(0.01),
          .gradient_scale = T(1),
          .nesterov = nesterov,
          .first_step = first_step};
}

template <typename T>
AdamWScalars<T> adamw(int step) {
  return {.learning_rate = T(0.01),
          .beta1 = T(0.9),
          .beta2 = T(0.999),
          .one_minus_beta1 = T(1 - 0.9),
          .one_minus_beta2 = T(1 - 0.999),
          .inverse_correction1 = T(1 / (1 - std::pow(0.9, step))),
          .inverse_sqrt_correction2 = T(1 / std::sqrt(1 - std::pow(0.999, step))),
          .epsilon = T(1e-8),
          .weight_decay = T(0.1),
          .gradient_scale = T(1)};
}

/// Four parameters, ((5 i + 3) mod 17 - 8) / 8, stepped five times with gradients t ((7 i + t) mod 17 - 8)
/// / 8.
template <typename T, typename Step>
std::array<T, 4> after_five_steps(Step step) {
  const auto sequence = [](int i, int a, int b) { return static_cast<T>((i * a + b) % 17 - 8) / T(8); };
  std::array<T, 4> parameter, gradient;
  for (int i = 0; i < 4; ++i) parameter[static_cast<std::size_t>(i)] = sequence(i, 5, 3);
  for (int t = 1; t <= 5; ++t) {
    for (int i = 0; i < 4; ++i) gradient[static_cast<std::size_t>(i)] = sequence(i, 7, t) * T(t);
    step(t, gradient.data(), parameter.data());
  }
  return parameter;
}

template <typename T>
std::array<T, 4> sgd_result(const Table<T>& table, bool nesterov) {
  std::array<T, 4> momentum;
  momentum.fill(std::numeric_limits<T>::quiet_NaN());  // never read on the first step
  return after_five_steps<T>([&](int t, const T* gradient, T* parameter) {
    table.sgd_step(4, sgd<T>(nesterov, t == 1), true, gradient, parameter, momentum.data());
  });
}
template <typename T>
std::array<T, 4> adamw_result(const Table<T>& table) {
  std::array<T, 4> m{}, v{};
  return after_five_steps<T>([&](int t, const T* gradient, T* parameter) {
    table.adamw_step(4, adamw<T>(t), true, gradient, parameter, m.data(), v.data());
  });
}

// The same five steps by torch.optim of PyTorch 1.13, in double.
constexpr std::array kNesterov = {1.9440977428555162, -1.2399795903316975, 2.080926474093589,
                                  -0.472341382150264};
constexpr std::array kPlain = {1.3292247504672132, -0.823564467475, 1.4254994520827868, -0.5001218371399866};
constexpr std::array kAdamW = {-0.5724209537544546, -0.031803471524107, 0.6140717952439834,
                               -0.8311077616935364};

TEST(Optimizer, AgreesWithPyTorch) {
  const Table<double>& reference = reference_table();
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(sgd_result(reference, true)[i], kNesterov[i], 1e-14);
    EXPECT_NEAR(sgd_result(reference, false)[i], kPlain[i], 1e-14);
    EXPECT_NEAR(adamw_result(reference)[i], kAdamW[i], 1e-14);
    for (const Table<float>* table : exact_tables()) {
      EXPECT_NEAR(sgd_result(*table, true)[i], kNesterov[i], 1e-6) << table->name;
      EXPECT_NEAR(sgd_result(*table, false)[i], kPlain[i], 1e-6) << table->name;
      EXPECT_NEAR(adamw_result(*table)[i], kAdamW[i], 1e-6) << table->name;
    }
  }
}

struct State {
  AlignedBuffer<float> gradient, parameter, first, second;
  explicit State(int n)
      : gradient(uniform<float>(n, 1)),
        parameter(uniform<float>(n, 2)),
        first(uniform<float>(n, 3)),
        second(uniform<float>(n, 4, 0, 1)) {
    if (n > 12) {  // corners: subnormal state and gradients
      first[3] = 0x1p-130f;
      first[5] = -0x1p-126f;
      gradient[5] = 0;
      gradient[3] = 0x1p-135f;
      second[12] = 0x1p-127f;
      gradient[12] = 1e-25f;
    }
  }
};

TEST(Sgd, TakesTheDocumentedSteps) {
  for (const Table<float>* table : exact_tables()) {
    for (const int n : {0, 1, 5, 16, 19, 67}) {
      for (const int variant : {0, 1, 2, 3, 4, 5, 6, 7}) {
        SCOPED_TRACE(concat(table->name, " n ", n, " variant ", variant));
        const bool decay = variant & 1;
        SgdScalars<float> scalars = sgd<float>(variant & 2, variant & 4);
        scalars.gradient_scale = 0.25f;
        State before(n), after(n);
        table->sgd_step(n, scalars, decay, after.gradient.data(), after.parameter.data(), after.first.data());
        for (std::size_t i = 0; i < before.parameter.size(); ++i) {
          const float p = before.parameter[i];
          float g = before.gradient[i] * 0.25f;
          if (decay) g = std::fma(scalars.weight_decay, p, g);
          const float velocity =
              flushed(scalars.first_step ? g : std::fma(scalars.momentum, before.first[i], g));
          const float step = scalars.nesterov ? std::fma(scalars.momentum, velocity, g) : velocity;
          EXPECT_EQ(after.first[i], velocity) << i;
          EXPECT_EQ(after.parameter[i], std::fma(-scalars.learning_rate, step, p)) << i;
        }
      }
    }
  }
}

TEST(AdamW, TakesTheDocumentedSteps) {
  for (const Table<float>* table : exact_tables()) {
    for (const int n : {0, 1, 5, 16, 19, 67}) {
      for (const bool decay : {false, true}) {
        SCOPED_TRACE(concat(table->name, " n ", n, " decay ", decay));
        const AdamWScalars<float> s = adamw<float>(3);
        State before(n), after(n);
        table->adamw_step(n, s, decay, after.gradient.data(), after.parameter.data(), after.first.data(),
                          after.second.data());
        for (std::size_t i = 0; i < before.parameter.size(); ++i) {
          const float g = before.gradient[i] * s.gradient_scale;
          float p = before.parameter[i];
          if (decay) p = std::fma(-(s.learning_rate * s.weight_decay), p, p);
          const float m = flushed(std::fma(s.one_minus_beta1, g, s.beta1 * before.first[i]));
          const float v = flushed(std::fma(s.one_minus_beta2 * g, g, s.beta2 * before.second[i]));
          const float denominator = std::fma(std::sqrt(v), s.inverse_sqrt_correction2, s.epsilon);
          EXPECT_EQ(after.first[i], m) << i;
          EXPECT_EQ(after.second[i], v) << i;
          EXPECT_EQ(after.parameter[i],
                    std::fma(-(s.learning_rate * s.inverse_correction1), m / denominator, p))
              << i;
        }
      }
    }
  }
}

TEST(Optimizer, FlushesSubnormalStateToPositiveZero) {
  const AlignedBuffer<float> zeros(32);
  for (const Table<float>* table : exact_tables()) {
    for (const float tiny : {0x1p-126f, -0x1p-126f, 0x1p-149f, -0.0f}) {
      AlignedBuffer<float> gradient(32), parameter(32), first(32), second(32);
      for (float& value : first.span()) value = tiny;
      for (float& value : second.span()) value = std::fabs(tiny);
      table->sgd_step(32, sgd<float>(false, false), false, gradient.data(), parameter.data(), first.data());
      EXPECT_TRUE(same_bits(zeros, first)) << table->name << " " << tiny;
      for (float& value : first.span()) value = tiny;
      table->adamw_step(32, adamw<float>(1), false, gradient.data(), parameter.data(), first.data(),
                        second.data());
      EXPECT_TRUE(same_bits(zeros, first)) << table->name << " " << tiny;
      EXPECT_TRUE(same_bits(zeros, second)) << table->name << " " << tiny;
    }
  }
}

TEST(Optimizer, KeepsPaddingZeroAndNanVisible) {
  for (const Table<float>* table : exact_tables()) {
    AlignedBuffer<float> gradient(16), parameter(16), first(16), second(16);
    const AlignedBuffer<float> zeros(16);
    for (int t = 1; t <= 3; ++t) {
      table->adamw_step(16, adamw<float>(t), true, gradient.data(), parameter.data(), first.data(),
                        second.data());
      EXPECT_TRUE(same_bits(zeros, parameter)) << table->name;
      table->sgd_step(16, sgd<float>(true, t == 1), true, gradient.data(), parameter.data(), first.data());
      EXPECT_TRUE(same_bits(zeros, parameter)) << table->name;
    }
    gradient[7] = std::numeric_limits<float>::quiet_NaN();
    table->sgd_step(16, sgd<float>(true, false), true, gradient.data(), parameter.data(), first.data());
    for (std::size_t i = 0; i < 16; ++i) {
      EXPECT_EQ(std::isnan(parameter[i]), i == 7);
      EXPECT_EQ(std::isnan(first[i]), i == 7);
    }
  }
}

TEST(Ema, MovesTowardsTheValue) {
  for (const Table<float>* table : exact_tables()) {
    for (const int n : {0, 1, 5, 16, 19, 67}) {
      const AlignedBuffer<float> value = uniform<float>(n, 5), before = uniform<float>(n, 6);
      AlignedBuffer<float> average = copy_of(before);
      table->ema_step(n, 0.01f, value.data(), average.data());
      for (std::size_t i = 0; i < before.size(); ++i) {
        EXPECT_EQ(average[i], std::fma(value[i] - before[i], 0.01f, before[i])) << table->name;
      }
    }
  }
}

}  // namespace
}  // namespace cohort::kernels
