// Averaging eight ResNet-18 models beside a plain copy in the same run, on one thread and on two that share
// the elements:
//   bench_merge --benchmark_repetitions=5
// Bytes per second count what is read and written, so a ratio of 1 means as fast as memory is copied.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "cohort/core/aligned_buffer.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/nn/state_layout.hpp"

namespace {

using namespace cohort;

constexpr std::size_t kModels = 8;

/// The models, made once. They differ by a turn of the same numbers, so that filling takes no time.
struct Models {
  std::int64_t count =
      nn::layout_state(nn::build_model({"resnet18", "cifar", 7, {3, 28, 28}})).parameter_count;
  std::vector<AlignedBuffer<float>> members, copies;
  AlignedBuffer<float> merged{static_cast<std::size_t>(count)};

  Models() {
    constexpr std::size_t kPeriod = 1 << 16;
    std::vector<float> numbers(kPeriod);
    RandomSequence random(1, Stream::test_inputs, 0);
    for (float& number : numbers) number = static_cast<float>(0.1 * random.normal());
    for (std::size_t m = 0; m < kModels; ++m) {
      members.emplace_back(static_cast<std::size_t>(count));
      for (std::size_t i = 0; i < members[m].size(); ++i) members[m][i] = numbers[(i + 977 * m) % kPeriod];
    }
    for (std::size_t m = 0; m < kModels / 2; ++m) copies.emplace_back(static_cast<std::size_t>(count));
  }
};
Models& models() {
  static Models all;
  return all;
}

/// The elements of one thread, in whole blocks of 16.
struct Share {
  std::int64_t begin, count;
};
Share share_of(const benchmark::State& state) {
  const std::int64_t blocks = models().count / 16;
  const auto cut = [&](int index) { return blocks * index / state.threads() * 16; };
  return {cut(state.thread_index()), cut(state.thread_index() + 1) - cut(state.thread_index())};
}

void merge(benchmark::State& state, const kernels::Table<float>& table) {
  const Share share = share_of(state);
  const float* values[kModels];
  for (std::size_t m = 0; m < kModels; ++m) values[m] = models().members[m].data() + share.begin;
  const double weights[kModels] = {100, 90, 110, 100, 37, 250, 81, 100};
  double total = 0;
  for (const double weight : weights) total += weight;
  for (auto _ : state) {
    benchmark::DoNotOptimize(table.weighted_mean(share.count, kModels, values, weights, total,
                                                 models().merged.data() + share.begin));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * share.count *
                          static_cast<std::int64_t>((kModels + 1) * sizeof(float)));
}

/// Half of the models onto four others: nearly as many bytes are moved as by the mean.
void copy(benchmark::State& state) {
  const Share share = share_of(state);
  for (auto _ : state) {
    for (std::size_t m = 0; m < kModels / 2; ++m)
      std::memcpy(models().copies[m].data() + share.begin, models().members[m].data() + share.begin,
                  static_cast<std::size_t>(share.count) * sizeof(float));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * share.count *
                          static_cast<std::int64_t>(kModels * sizeof(float)));
}

}  // namespace

int main(int argc, char** argv) {
  for (const int threads : {1, 2}) {
    const std::string suffix = concat("8xresnet18/t", threads);
    const auto measured = [&](benchmark::internal::Benchmark* one) {
      one->Threads(threads)->UseRealTime()->Unit(benchmark::kMillisecond);
    };
    measured(benchmark::RegisterBenchmark(concat("copy/", suffix).c_str(), copy));
    for (const kernels::Isa isa : kernels::available_isas())
      measured(benchmark::RegisterBenchmark(
          concat("merge/", suffix, "/", kernels::name_of(isa)).c_str(),
          [isa](benchmark::State& state) { merge(state, kernels::exact_table(isa)); }));
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
