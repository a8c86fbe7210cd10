// Speed of the kernels that move more than they compute. A case is a string such as
// batch_norm_forward/n32c64h28w28/avx512; --benchmark_filter=<case> runs it alone. Bytes per second count
// each array once for each time that the kernel's definition needs it, so they compare with the machine's
// memory, not with flops.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "cohort/core/aligned_buffer.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/select.hpp"

namespace cohort::kernels {
namespace {

using Buffer = AlignedBuffer<float>;

/// 4,096 random values over and over: filling must not take longer than measuring.
Buffer uniform(std::int64_t count, std::uint64_t draw) {
  constexpr std::size_t kPeriod = 4096;
  Buffer values(static_cast<std::size_t>(count));
  RandomSequence random(1, Stream::test_inputs, draw);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = i < kPeriod ? static_cast<float>(random.uniform(-1, 1)) : values[i - kPeriod];
  }
  return values;
}

/// Registers a case under the given name. Its arrays live only while it runs: run(arrays) moves `bytes` each
/// time.
template <typename MakeArrays, typename Run>
void add_case(const std::string& name, std::int64_t bytes, MakeArrays make, Run run) {
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    auto arrays = make();
    for (auto _ : state) {
      run(arrays);
      benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * bytes);
  })->Unit(benchmark::kMicrosecond);
}

struct BatchNormArrays {
  MapShape shape;
  Buffer src, residual, dst, d_dst, d_src, d_residual, gamma, beta, mean, inverse_std, variance, d_gamma,
      d_beta;

  explicit BatchNormArrays(const MapShape& of) : shape(of) {
    for (Buffer* maps : {&src, &residual, &dst, &d_dst, &d_src, &d_residual})
      *maps = uniform(shape.count(), 1);
    for (Buffer* channels : {&gamma, &beta, &mean, &inverse_std, &variance, &d_gamma, &d_beta}) {
      *channels = uniform(padded(shape.channels), 2);
    }
  }
  BatchNormArguments<float> arguments(bool with_residual) {
    return {.src = src.data(),
            .residual = with_residual ? residual.data() : nullptr,
            .gamma = gamma.data(),
            .beta = beta.data(),
            .dst = dst.data(),
            .mean = mean.data(),
            .inverse_std = inverse_std.data(),
            .variance = variance.data(),
            .relu = true};
  }
  BatchNormGradients<float> gradients(bool with_residual) {
    return {.d_dst = d_dst.data(),
            .dst = dst.data(),
            .d_src = d_src.data(),
            .d_residual = with_residual ? d_residual.data() : nullptr,
            .d_gamma = d_gamma.data(),
            .d_beta = d_beta.data()};
  }
};

void add_batch_norm(const Table<float>& table, const MapShape& shape) {
  const auto make = [shape] { return BatchNormArrays(shape); };
  const std::int64_t bytes = shape.count() * std::int64_t{sizeof(float)};
  const std::string problem =
      concat("n", shape.images, "c", shape.channels, "h", shape.height, "w", shape.width, "/", table.name);
  for (const bool with_residual : {false, true}) {
    const std::string suffix = with_residual ? "_residual/" : "/";
    add_case("batch_norm_forward" + suffix + problem, bytes * (with_residual ? 4 : 3), make,
             [&table, with_residual](BatchNormArrays& arrays) {
               table.batch_norm_forward(arrays.shape, arrays.arguments(with_residual), {});
             });
    add_case("batch_norm_backward" + suffix + problem, bytes * 7, make,
             [&table, with_residual](BatchNormArrays& arrays) {
               table.batch_norm_backward(arrays.shape, arrays.arguments(with_residual),
                                         arrays.gradients(with_residual), {});
             });
  }
  add_case("batch_norm_inference/" + problem, bytes * 2, make, [&table](BatchNormArrays& arrays) {
    table.batch_norm_inference(arrays.shape, arrays.arguments(false), {});
  });
}

/// One value per parameter of ResNet-18.
constexpr std::int64_t kParameters = 11'200'000;

struct FlatArrays {
  Buffer gradient = uniform(kParameters, 3), parameter = uniform(kParameters, 4);
  Buffer first = Buffer(std::size_t{kParameters}), second = Buffer(std::size_t{kParameters});
  AlignedBuffer<std::int64_t> sum = AlignedBuffer<std::int64_t>(std::size_t{kParameters});
};

void add_sums(const Table<float>& table) {
  const auto make = [] { return FlatArrays(); };
  const std::string problem = concat("/n", kParameters, "/", table.name);
  add_case("accumulate_fixed_point" + problem, kParameters * 20, make, [&table](FlatArrays& arrays) {
    benchmark::DoNotOptimize(
        table.accumulate_fixed_point(kParameters, 40, arrays.gradient.data(), arrays.sum.data()));
  });
  add_case("from_fixed_point" + problem, kParameters * 12, make, [&table](FlatArrays& arrays) {
    table.from_fixed_point(kParameters, 40, arrays.sum.data(), arrays.first.data());
  });
  add_case("sum_of_squares" + problem, kParameters * 4, make, [&table](FlatArrays& arrays) {
    benchmark::DoNotOptimize(table.sum_of_squares(kParameters, arrays.gradient.data()));
  });
}

void add_steps(const Table<float>& table) {
  const auto make = [] { return FlatArrays(); };
  const std::string problem = concat("/n", kParameters, "/", table.name);
  const SgdScalars<float> sgd{.learning_rate = 1e-6f,
                              .momentum = 0.9f,
                              .weight_decay = 5e-4f,
                              .gradient_scale = 1,
                              .nesterov = true,
                              .first_step = false};
  const AdamWScalars<float> adamw{.learning_rate = 1e-6f,
                                  .beta1 = 0.9f,
                                  .beta2 = 0.999f,
                                  .one_minus_beta1 = 0.1f,
                                  .one_minus_beta2 = 0.001f,
                                  .inverse_correction1 = 1.5f,
                                  .inverse_sqrt_correction2 = 2,
                                  .epsilon = 1e-8f,
                                  .weight_decay = 0.01f,
                                  .gradient_scale = 1};
  add_case("sgd_step" + problem, kParameters * 20, make, [&table, sgd](FlatArrays& arrays) {
    table.sgd_step(kParameters, sgd, true, arrays.gradient.data(), arrays.parameter.data(),
                   arrays.first.data());
  });
  add_case("adamw_step" + problem, kParameters * 28, make, [&table, adamw](FlatArrays& arrays) {
    table.adamw_step(kParameters, adamw, true, arrays.gradient.data(), arrays.parameter.data(),
                     arrays.first.data(), arrays.second.data());
  });
}

struct PoolArrays {
  PoolShape shape;
  Buffer src, dst;
  AlignedBuffer<std::uint8_t> winner;
};

void add_pool(const Table<float>& table, const PoolShape& shape) {
  const std::int64_t to = shape.destination().count(), from = shape.source().count();
  const auto make = [shape, from, to] {
    return PoolArrays{shape, uniform(from, 5), uniform(to, 6),
                      AlignedBuffer<std::uint8_t>(static_cast<std::size_t>(to))};
  };
  const std::string problem =
      concat("n", shape.images, "c", shape.channels, "h", shape.height, "w", shape.width, "r",
             shape.kernel_height, "s", shape.kernel_width, "u", shape.stride, "/", table.name);
  add_case("max_pool_forward/" + problem, from * 4 + to * 5, make, [&table](PoolArrays& arrays) {
    table.max_pool_forward(arrays.shape, arrays.src.data(), arrays.dst.data(), arrays.winner.data(), {});
  });
  add_case("max_pool_backward/" + problem, from * 4 + to * 5, make, [&table](PoolArrays& arrays) {
    table.max_pool_backward(arrays.shape, arrays.dst.data(), arrays.winner.data(), arrays.src.data(), {});
  });
}

/// ResNet-18's stages at 28 pixels, the ImageNet stem's pool, and a step over all its parameters.
bool add_all() {
  for (const Isa isa : available_isas()) {
    const Table<float>& table = exact_table(isa);
    for (const MapShape& shape :
         {MapShape{32, 64, 28, 28}, {32, 128, 14, 14}, {32, 256, 7, 7}, {32, 512, 4, 4}}) {
      add_batch_norm(table, shape);
    }
    add_sums(table);
    add_steps(table);
    add_pool(table, {.images = 8,
                     .channels = 64,
                     .height = 112,
                     .width = 112,
                     .kernel_height = 3,
                     .kernel_width = 3,
                     .stride = 2,
                     .pad_height = 1,
                     .pad_width = 1});
  }
  return true;
}

[[maybe_unused]] const bool all_added = add_all();

}  // namespace
}  // namespace cohort::kernels
