// Regression with a Gaussian process on the unit cube (Rasmussen and Williams, 2006, chapter 2).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "cohort/kernels/cholesky.hpp"

namespace cohort::explore {

/// A place in the search space, one coordinate in [0, 1] per dimension.
using Place = std::vector<double>;

/// What the process believes at a place.
struct Belief {
  double mean = 0, deviation = 0;
};

/// Matérn 5/2 covariance of signal variance 1 over the distance of places, plus noise on the diagonal. Along
/// dimensions without order (choices) places are at distance 0 or 1.
class GaussianProcess {
 public:
  /// `has_order` has one entry per dimension.
  explicit GaussianProcess(std::vector<bool> has_order) : has_order_(std::move(has_order)) {}

  /// Takes observations (targets standardised by the caller), and of a small fixed grid the length scale and
  /// noise of the greatest marginal likelihood. Throws Error when no pair gives a positive definite matrix.
  void fit(std::vector<Place> places, std::vector<double> targets);
  /// One more observation, with length scale and noise as they are.
  void add(const Place& place, double target);
  [[nodiscard]] std::vector<Belief> believe(std::span<const Place> places) const;

  [[nodiscard]] double noise() const { return noise_; }

 private:
  [[nodiscard]] double covariance(const Place& a, const Place& b) const;
  /// Factors and solves for the present length scale and noise; false when it cannot be factored.
  bool condition();
  [[nodiscard]] double log_likelihood() const;

  std::vector<bool> has_order_;
  std::vector<Place> places_;
  std::vector<double> targets_, solved_;  ///< solved: covariance⁻¹ · targets
  std::optional<kernels::Cholesky> factor_;
  double length_scale_ = 0.3, noise_ = 1e-2;
};

}  // namespace cohort::explore
