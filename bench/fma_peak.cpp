#include "fma_peak.hpp"

#include <algorithm>
#include <cmath>

#include "cohort/core/stopwatch.hpp"

namespace cohort::bench {
namespace {

constexpr long kRounds = 200'000;  // about 1 to 2 ms
constexpr int kChains = 12;        // more than latency times width of any core in use

// The chains are written as instructions, because a compiler may neither keep them all in registers nor leave
// a loop alone whose result is known. Multiplier 1 and addend 0: values stay as they are.
#if defined(__x86_64__)
using Wide = float __attribute__((vector_size(64)));
using Half = float __attribute__((vector_size(32)));

__attribute__((target("avx512f"))) double flops_avx512() {
  Wide a{}, b{}, c{}, d{}, e{}, f{}, g{}, h{}, i{}, j{}, k{}, l{};
  const Wide one = a + 1.0f;
  for (long round = 0; round < kRounds; ++round) {
    asm volatile(
        "vfmadd213ps %12, %12, %0\n vfmadd213ps %12, %12, %1\n vfmadd213ps %12, %12, %2\n"
        "vfmadd213ps %12, %12, %3\n vfmadd213ps %12, %12, %4\n vfmadd213ps %12, %12, %5\n"
        "vfmadd213ps %12, %12, %6\n vfmadd213ps %12, %12, %7\n vfmadd213ps %12, %12, %8\n"
        "vfmadd213ps %12, %12, %9\n vfmadd213ps %12, %12, %10\n vfmadd213ps %12, %12, %11"
        : "+v"(a), "+v"(b), "+v"(c), "+v"(d), "+v"(e), "+v"(f), "+v"(g), "+v"(h), "+v"(i), "+v"(j), "+v"(k),
          "+v"(l)
        : "v"(one));
  }
  return 2.0 * 16 * kChains * kRounds;
}

__attribute__((target("avx2,fma"))) double flops_avx2() {
  Half a{}, b{}, c{}, d{}, e{}, f{}, g{}, h{}, i{}, j{}, k{}, l{};
  const Half one = a + 1.0f;
  for (long round = 0; round < kRounds; ++round) {
    asm volatile(
        "vfmadd213ps %12, %12, %0\n vfmadd213ps %12, %12, %1\n vfmadd213ps %12, %12, %2\n"
        "vfmadd213ps %12, %12, %3\n vfmadd213ps %12, %12, %4\n vfmadd213ps %12, %12, %5\n"
        "vfmadd213ps %12, %12, %6\n vfmadd213ps %12, %12, %7\n vfmadd213ps %12, %12, %8\n"
        "vfmadd213ps %12, %12, %9\n vfmadd213ps %12, %12, %10\n vfmadd213ps %12, %12, %11"
        : "+x"(a), "+x"(b), "+x"(c), "+x"(d), "+x"(e), "+x"(f), "+x"(g), "+x"(h), "+x"(i), "+x"(j), "+x"(k),
          "+x"(l)
        : "x"(one));
  }
  return 2.0 * 8 * kChains * kRounds;
}
#endif

double flops_plain() {
  float values[kChains] = {};
  for (long round = 0; round < kRounds; ++round) {
    for (float& value : values) value = std::fma(value, 0.5f, 1.0f);
  }
  volatile float sink = 0;
  for (const float value : values) sink = sink + value;
  return 2.0 * kChains * kRounds;
}

double run(std::string_view isa) {
#if defined(__x86_64__)
  if (isa == "avx512") return flops_avx512();
  if (isa == "avx2") return flops_avx2();
#endif
  (void)isa;
  return flops_plain();
}

}  // namespace

double fma_peak_gflops(std::string_view isa, int repeats) {
  double best = 0;
  for (int i = 0; i < repeats; ++i) {
    const Stopwatch watch;
    const double flops = run(isa);
    best = std::max(best, flops / watch.elapsed_s() * 1e-9);
  }
  return best;
}

}  // namespace cohort::bench
