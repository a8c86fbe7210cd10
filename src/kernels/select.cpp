// Detection of the processor, choice of a table, and the float environment that the bits are defined for.
#include "cohort/kernels/select.hpp"

#include <cfenv>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "kernels/exact/units.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace cohort::kernels {
namespace {

/// Null when the set is not built in, or this processor or its operating system cannot run it.
const Table<float>* table_or_null(Isa isa) {
  switch (isa) {
    case Isa::scalar:
      return exact_scalar_table();
#if defined(__x86_64__)
    case Isa::avx2:
      if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return nullptr;
      return exact_avx2_table();
    case Isa::avx512:
      if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl") ||
          !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq") ||
          !__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
        return nullptr;
      }
      return exact_avx512_table();
#elif defined(__aarch64__)
    case Isa::neon:  // part of the base architecture
      return exact_neon_table();
#endif
    default:
      return nullptr;
  }
}

std::string available_names() {
  std::string names = "auto";
  for (const Isa isa : available_isas()) names += concat(", ", name_of(isa));
  return names;
}

// Bits of the control register that change results.
#if defined(__x86_64__)
constexpr unsigned kFlushToZero = 1u << 15, kDenormalsAreZero = 1u << 6, kRoundingMode = 3u << 13;
constexpr unsigned kResultBits = kFlushToZero | kDenormalsAreZero | kRoundingMode;
#elif defined(__aarch64__)
constexpr std::uint64_t kFlushInputs = 1u << 0, kAlternateHandling = 1u << 1, kFlushHalf = 1u << 19;
constexpr std::uint64_t kRoundingMode = 3u << 22, kFlushToZero = 1u << 24, kDefaultNan = 1u << 25;
constexpr std::uint64_t kResultBits =
    kFlushInputs | kAlternateHandling | kFlushHalf | kRoundingMode | kFlushToZero | kDefaultNan;

std::uint64_t control_register() {
  std::uint64_t value = 0;
  asm volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}
#endif

}  // namespace

std::string_view name_of(Isa isa) {
  switch (isa) {
    case Isa::scalar:
      return "scalar";
    case Isa::avx2:
      return "avx2";
    case Isa::avx512:
      return "avx512";
    case Isa::neon:
      return "neon";
  }
  return "unknown";
}

std::vector<Isa> available_isas() {
  std::vector<Isa> isas;
  for (const Isa isa : {Isa::avx512, Isa::avx2, Isa::neon, Isa::scalar}) {
    if (table_or_null(isa)) isas.push_back(isa);
  }
  return isas;
}

const Table<float>& exact_table(Isa isa) {
  if (const Table<float>* table = table_or_null(isa)) return *table;
  throw UsageError(concat("choose kernels: instruction set '", name_of(isa),
                          "' is not available on this processor; available: ", available_names()));
}

const Table<float>& exact_table(std::string_view isa) {
  if (isa == "auto") return exact_table(available_isas().front());
  for (const Isa known : {Isa::avx512, Isa::avx2, Isa::neon, Isa::scalar}) {
    if (isa == name_of(known)) return exact_table(known);
  }
  throw UsageError(
      concat("choose kernels: unknown instruction set '", isa, "'; available: ", available_names()));
}

void set_float_environment() {
  std::fesetround(FE_TONEAREST);  // all units of the processor, where it has several
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() & ~kResultBits);
#elif defined(__aarch64__)
  asm volatile("msr fpcr, %0" : : "r"(control_register() & ~kResultBits));
#endif
}

bool float_environment_is_exact() {
#if defined(__x86_64__)
  return (_mm_getcsr() & kResultBits) == 0;
#elif defined(__aarch64__)
  return (control_register() & kResultBits) == 0;
#else
  return std::fegetround() == FE_TONEAREST;
#endif
}

void require_exact_float_environment(std::string_view doing) {
  if (!float_environment_is_exact())
    throw Error(concat(doing,
                       ": a thread's rounding mode or flush-to-zero setting was changed, results would "
                       "differ from other machines; look for a preloaded library or start-up code built with "
                       "fast-math"));
}

}  // namespace cohort::kernels
