// The kernels for avx512.
#include "kernels/exact/vector_avx512.inc"
//
#include "kernels/exact/kernels.inc"

namespace cohort::kernels {

const Table<float>* exact_avx512_table() {
  static constexpr Table<float> table = assemble("avx512");
  return &table;
}

}  // namespace cohort::kernels
