#include "cohort/kernels/cholesky.hpp"

#include <lapacke.h>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "kernels/blas/blas.hpp"

namespace cohort::kernels {
namespace {

// Row-major lower triangles are column-major upper ones: no copy is transposed on the way.
constexpr char kTriangle = 'U';

lapack_int narrow(std::int64_t value) {
  require(value >= 0 && value <= 46340, "Cholesky: n * n must fit the library's integers");
  return static_cast<lapack_int>(value);
}

}  // namespace

std::optional<Cholesky> Cholesky::factor(std::int64_t n, std::vector<double> matrix) {
  require(static_cast<std::int64_t>(matrix.size()) == n * n, "Cholesky::factor: n * n values");
  if (n > 0) {
    blas::use_one_thread();
    const lapack_int info =
        LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, kTriangle, narrow(n), matrix.data(), narrow(n));
    if (info < 0) throw Error(concat("factor a matrix: LAPACK refused argument ", -info));
    if (info > 0) return std::nullopt;
  }
  return Cholesky(n, std::move(matrix));
}

void Cholesky::solve(std::int64_t count, std::span<double> sides) const {
  require(static_cast<std::int64_t>(sides.size()) == n_ * count, "Cholesky::solve: count * n values");
  if (n_ == 0 || count == 0) return;
  blas::use_one_thread();
  const lapack_int info = LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, kTriangle, narrow(n_), narrow(count),
                                              lower_.data(), narrow(n_), sides.data(), narrow(n_));
  if (info != 0) throw Error(concat("solve with a factored matrix: LAPACK refused argument ", -info));
}

std::vector<double> Cholesky::diagonal() const {
  std::vector<double> values;
  for (std::int64_t i = 0; i < n_; ++i) values.push_back(lower_[static_cast<std::size_t>(i * n_ + i)]);
  return values;
}

}  // namespace cohort::kernels
