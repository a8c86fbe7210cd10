// The BLAS kernels as a table: matrix products for convolution, everything else as in the best exact table.
#include <cblas.h>

#include "cohort/core/text.hpp"
#include "cohort/kernels/select.hpp"
#include "kernels/blas/blas.hpp"

namespace cohort::kernels {

const Table<float>& blas_table() {
  static const Table<float> table = [] {
    blas::use_one_thread();
    Table<float> result = exact_table(available_isas().front());
    result.name = "blas";
    result.is_replayable = false;
    result.conv_scratch_bytes = blas::conv_scratch_bytes;
    result.conv_forward = blas::conv_forward;
    result.conv_backward_data = blas::conv_backward_data;
    result.conv_backward_weight = blas::conv_backward_weight;
    return result;
  }();
  return table;
}

std::string blas_description() {
  return concat(openblas_get_config(), ", kernels ", openblas_get_corename());
}

}  // namespace cohort::kernels
