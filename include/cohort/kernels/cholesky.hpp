// Symmetric positive definite systems through LAPACK. Its last bits differ between builds, so nothing that
// decides a training result may depend on it: proposals of the Gaussian process are recorded.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace cohort::kernels {

/// A matrix A = L·Lᵀ, factored once and solved for many right-hand sides.
class Cholesky {
 public:
  /// Shapes    matrix [n][n], row-major; only its lower triangle is read.
  /// Returns   nothing when the matrix is not positive definite to working precision.
  /// Cost      n³ / 3 multiplications; one thread.
  static std::optional<Cholesky> factor(std::int64_t n, std::vector<double> matrix);

  /// Replaces each right-hand side b of `sides` [count][n] by A⁻¹ · b.
  void solve(std::int64_t count, std::span<double> sides) const;
  /// The diagonal of L, positive.
  [[nodiscard]] std::vector<double> diagonal() const;
  [[nodiscard]] std::int64_t size() const { return n_; }

 private:
  Cholesky(std::int64_t n, std::vector<double> lower) : n_(n), lower_(std::move(lower)) {}
  std::int64_t n_;
  std::vector<double> lower_;
};

}  // namespace cohort::kernels
