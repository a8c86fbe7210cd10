// The kernels for neon.
#include "kernels/exact/vector_neon.inc"
//
#include "kernels/exact/kernels.inc"

namespace cohort::kernels {

const Table<float>* exact_neon_table() {
  static constexpr Table<float> table = assemble("neon");
  return &table;
}

}  // namespace cohort::kernels
