// Speed of convolution, one thread, best of all iterations, as GFLOP/s and as a fraction of the FMA peak that
// is measured beside each case. Flops are nominal: padding counts. A case is a string such as
//   bench_kernels --benchmark_filter=forward/n32c64h28w28k64r3s3u1p1/avx512
// and any other convolution can be named after the options:
//   bench_kernels --benchmark_filter=n4 n4c64h100w75k64r3s3u1p1
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <string>

#include "cohort/core/stopwatch.hpp"
#include "cohort/kernels/select.hpp"
#include "conv_cases.hpp"
#include "fma_peak.hpp"

namespace {

using namespace cohort;

void run_case(benchmark::State& state, const kernels::ConvShape& shape, const char* pass, kernels::Isa isa) {
  const kernels::Table<float>& table = kernels::exact_table(isa);
  bench::ConvArrays arrays(shape, table.conv_scratch_bytes(shape));
  double best_s = std::numeric_limits<double>::infinity();
  const double peak_before = bench::fma_peak_gflops(kernels::name_of(isa));
  for (auto _ : state) {
    const Stopwatch watch;
    arrays.run(table, pass);
    benchmark::ClobberMemory();
    best_s = std::min(best_s, watch.elapsed_s());
  }
  const double peak = std::max(peak_before, bench::fma_peak_gflops(kernels::name_of(isa)));
  const double gflops = shape.flops() / best_s * 1e-9;
  state.counters["GFLOP/s"] = gflops;
  state.counters["peak"] = peak;
  state.counters["of_peak"] = gflops / peak;
}

void register_case(const std::string& name) {
  const kernels::ConvShape shape = bench::parse_conv_case(name);
  for (const char* pass : bench::kPasses) {
    if (shape.thin_source && pass == bench::kPasses[1]) continue;
    for (const kernels::Isa isa : kernels::available_isas()) {
      if (isa == kernels::Isa::scalar && kernels::available_isas().size() > 1) continue;
      benchmark::RegisterBenchmark(concat(pass, "/", name, "/", kernels::name_of(isa)).c_str(), run_case,
                                   shape, pass, isa)
          ->Unit(benchmark::kMillisecond);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  kernels::set_float_environment();
  try {
    for (const std::string& name : bench::default_conv_cases()) register_case(name);
    for (int i = 1; i < argc; ++i) register_case(argv[i]);
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(error.code());
  }
  benchmark::RunSpecifiedBenchmarks();
}
