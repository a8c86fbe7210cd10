// The tables that the instruction-set units export: one function per unit, and nothing else leaves it.
#pragma once

#include "cohort/kernels/table.hpp"

namespace cohort::kernels {

const Table<float>* exact_scalar_table();
/// Linked on x86-64 only; call only on a processor that has been asked for the instructions.
const Table<float>* exact_avx2_table();
const Table<float>* exact_avx512_table();
/// Linked on AArch64 only.
const Table<float>* exact_neon_table();

}  // namespace cohort::kernels
