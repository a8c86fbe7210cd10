// Which table of kernels this process uses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cohort/kernels/table.hpp"

namespace cohort::kernels {

/// An instruction set for which exact kernels exist.
enum class Isa { scalar, avx2, avx512, neon };

/// "scalar", "avx2", "avx512" or "neon".
std::string_view name_of(Isa isa);
/// Instruction sets built into this program that this processor can run, best first; always ends with scalar.
std::vector<Isa> available_isas();

/// The exact float table for "auto" (best available), "avx512", "avx2", "neon" or "scalar".
/// Throws UsageError naming what is available.
const Table<float>& exact_table(std::string_view isa);
const Table<float>& exact_table(Isa isa);
/// im2col and OpenBLAS sgemm; not replayable.
const Table<float>& blas_table();
/// Plain loops in double over the same layouts: the definition that others are compared with.
const Table<double>& reference_table();

/// Sets round-to-nearest and clears flush-to-zero and denormals-are-zero for this thread.
void set_float_environment();
/// True when the thread still has the environment that the bits are defined for.
bool float_environment_is_exact();
/// Throws Error where it has not, naming what was being done and where to look for the cause.
void require_exact_float_environment(std::string_view doing);

/// SHA-256 (hex) of a small battery of kernels on counter-made inputs; kFingerprint for all exact tables.
std::string fingerprint(const Table<float>& table);
/// The fingerprint of numerics_version 1: what every build computes on every processor, or is not exact.
inline constexpr std::string_view kFingerprint =
    "4b9613b5e472b72dcfb75b6f0b3e59317deb054b536476c9befc39850dc6b096";
/// Throws Error naming both fingerprints and what to do when that of a replayable table is not kFingerprint.
/// Other tables (blas) promise no bits and pass.
void require_exact(const Table<float>& table);

/// OpenBLAS version and the kernel family that it chose, one line.
std::string blas_description();

}  // namespace cohort::kernels
