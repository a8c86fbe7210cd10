// The kernels for scalar.
#include "kernels/exact/vector_scalar.inc"
//
#include "kernels/exact/kernels.inc"

namespace cohort::kernels {

const Table<float>* exact_scalar_table() {
  static constexpr Table<float> table = assemble("scalar");
  return &table;
}

}  // namespace cohort::kernels
