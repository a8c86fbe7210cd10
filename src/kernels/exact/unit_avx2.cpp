// The kernels for avx2.
#include "kernels/exact/vector_avx2.inc"
//
#include "kernels/exact/kernels.inc"

namespace cohort::kernels {

const Table<float>* exact_avx2_table() {
  static constexpr Table<float> table = assemble("avx2");
  return &table;
}

}  // namespace cohort::kernels
