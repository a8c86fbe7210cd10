#include "explore/gaussian_process.hpp"

#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/exact_math.hpp"

namespace cohort::explore {
namespace {

constexpr double kLengthScales[] = {0.1, 0.15, 0.2, 0.3, 0.45, 0.7, 1.0, 1.5};
/// Variances, of a signal of variance 1.
constexpr double kNoises[] = {1e-4, 1e-2, 1e-1};

}  // namespace

double GaussianProcess::covariance(const Place& a, const Place& b) const {
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = a[i] - b[i];
    if (has_order_[i])
      squares += difference * difference;
    else if (difference != 0)
      squares += 1;
  }
  const double scaled = exact::sqrt(5 * squares) / length_scale_;
  return (1 + scaled + scaled * scaled / 3) * exact::exp(-scaled);
}

bool GaussianProcess::condition() {
  const std::size_t n = places_.size();
  std::vector<double> matrix(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) matrix[i * n + j] = covariance(places_[i], places_[j]);
    matrix[i * n + i] = 1 + noise_;
  }
  factor_ = kernels::Cholesky::factor(static_cast<std::int64_t>(n), std::move(matrix));
  if (!factor_) return false;
  solved_ = targets_;
  factor_->solve(1, solved_);
  return true;
}

/// Up to a constant: -(yᵀK⁻¹y + log det K) / 2.
double GaussianProcess::log_likelihood() const {
  double fit = 0, log_determinant = 0;
  for (std::size_t i = 0; i < targets_.size(); ++i) fit += targets_[i] * solved_[i];
  for (const double value : factor_->diagonal()) log_determinant += 2 * exact::log(value);
  return -0.5 * (fit + log_determinant);
}

void GaussianProcess::fit(std::vector<Place> places, std::vector<double> targets) {
  require(places.size() == targets.size(), "GaussianProcess::fit: one target for each place");
  places_ = std::move(places);
  targets_ = std::move(targets);
  double best = 0, best_scale = 0, best_noise = 0;
  bool is_known = false;
  for (const double scale : kLengthScales) {
    for (const double noise : kNoises) {
      length_scale_ = scale;
      noise_ = noise;
      if (!condition()) continue;
      const double likelihood = log_likelihood();
      if (is_known && !(likelihood > best)) continue;
      best = likelihood;
      best_scale = scale;
      best_noise = noise;
      is_known = true;
    }
  }
  if (!is_known) throw Error("fit a Gaussian process: no covariance matrix could be factored");
  length_scale_ = best_scale;
  noise_ = best_noise;
  condition();
}

void GaussianProcess::add(const Place& place, double target) {
  places_.push_back(place);
  targets_.push_back(target);
  if (!condition()) throw Error("fit a Gaussian process: the covariance matrix could not be factored");
}

std::vector<Belief> GaussianProcess::believe(std::span<const Place> places) const {
  const std::size_t n = places_.size();
  std::vector<double> across(places.size() * n);
  for (std::size_t i = 0; i < places.size(); ++i)
    for (std::size_t j = 0; j < n; ++j) across[i * n + j] = covariance(places[i], places_[j]);
  std::vector<double> weights = across;
  factor_->solve(static_cast<std::int64_t>(places.size()), weights);
  std::vector<Belief> beliefs(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    double variance = 1;
    for (std::size_t j = 0; j < n; ++j) {
      beliefs[i].mean += across[i * n + j] * solved_[j];
      variance -= across[i * n + j] * weights[i * n + j];
    }
    beliefs[i].deviation = exact::sqrt(std::max(variance, 0.0));
  }
  return beliefs;
}

}  // namespace cohort::explore
