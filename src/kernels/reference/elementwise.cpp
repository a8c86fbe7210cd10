// Bias, ReLU, addition, fixed point, means and optimizer steps, straight from their definitions.
#include <cmath>

#include "cohort/core/fixed_point.hpp"
#include "kernels/reference/reference.hpp"

namespace cohort::kernels::reference {

void bias_forward(int rows, int padded_channels, const double* bias, double* dst, Part part) {
  const Range channels = share_of(padded_channels, part);
  for (int row = 0; row < rows; ++row) {
    for (std::int64_t k = channels.begin; k < channels.end; ++k) {
      dst[std::int64_t{row} * padded_channels + k] += bias[k];
    }
  }
}

void bias_backward(int rows, int padded_channels, const double* d_dst, double* d_bias, Part part) {
  const Range channels = share_of(padded_channels, part);
  for (std::int64_t k = channels.begin; k < channels.end; ++k) {
    d_bias[k] = 0;
    for (int row = 0; row < rows; ++row) d_bias[k] += d_dst[std::int64_t{row} * padded_channels + k];
  }
}

void relu_forward(std::int64_t n, const double* src, double* dst) {
  for (std::int64_t i = 0; i < n; ++i) dst[i] = src[i] <= 0 ? 0 : src[i];
}

void relu_backward(std::int64_t n, const double* dst, const double* d_dst, double* d_src) {
  for (std::int64_t i = 0; i < n; ++i) d_src[i] = dst[i] > 0 ? d_dst[i] : 0;
}

void add(std::int64_t n, const double* a, const double* b, double* dst) {
  for (std::int64_t i = 0; i < n; ++i) dst[i] = a[i] + b[i];
}

std::int64_t accumulate_fixed_point(std::int64_t n, int scale_bits, const double* value, std::int64_t* sum) {
  std::int64_t refused = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const auto term = to_fixed_point(value[i], scale_bits);
    sum[i] += term.value_or(0);
    refused += !term;
  }
  return refused;
}

void from_fixed_point(std::int64_t n, int scale_bits, const std::int64_t* sum, double* value) {
  for (std::int64_t i = 0; i < n; ++i) value[i] = cohort::from_fixed_point(sum[i], scale_bits);
}

double sum_of_squares(std::int64_t n, const double* value) {
  double chain[8] = {};
  for (std::int64_t i = 0; i < n; ++i) chain[i % 8] += value[i] * value[i];
  return ((chain[0] + chain[1]) + (chain[2] + chain[3])) + ((chain[4] + chain[5]) + (chain[6] + chain[7]));
}

std::int64_t weighted_mean(std::int64_t n, int members, const double* const* values, const double* weights,
                           double total, double* out) {
  std::int64_t refused = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    double sum = 0;
    bool is_finite = true;
    for (int member = 0; member < members; ++member) {
      is_finite = is_finite && std::isfinite(values[member][i]);
      sum += weights[member] * values[member][i];
    }
    out[i] = is_finite ? sum / total : 0;
    refused += !is_finite;
  }
  return refused;
}

void sgd_step(std::int64_t n, const SgdScalars<double>& scalars, bool decay, const double* gradient,
              double* parameter, double* momentum) {
  for (std::int64_t i = 0; i < n; ++i) {
    double g = gradient[i] * scalars.gradient_scale;
    if (decay) g += scalars.weight_decay * parameter[i];
    momentum[i] = scalars.first_step ? g : scalars.momentum * momentum[i] + g;
    const double step = scalars.nesterov ? g + scalars.momentum * momentum[i] : momentum[i];
    parameter[i] -= scalars.learning_rate * step;
  }
}

void adamw_step(std::int64_t n, const AdamWScalars<double>& scalars, bool decay, const double* gradient,
                double* parameter, double* m, double* v) {
  for (std::int64_t i = 0; i < n; ++i) {
    const double g = gradient[i] * scalars.gradient_scale;
    if (decay) parameter[i] *= 1 - scalars.learning_rate * scalars.weight_decay;
    m[i] = scalars.beta1 * m[i] + scalars.one_minus_beta1 * g;
    v[i] = scalars.beta2 * v[i] + scalars.one_minus_beta2 * g * g;
    const double denominator = std::sqrt(v[i]) * scalars.inverse_sqrt_correction2 + scalars.epsilon;
    parameter[i] -= scalars.learning_rate * scalars.inverse_correction1 * m[i] / denominator;
  }
}

void ema_step(std::int64_t n, double one_minus_decay, const double* value, double* average) {
  for (std::int64_t i = 0; i < n; ++i) average[i] += (value[i] - average[i]) * one_minus_decay;
}

}  // namespace cohort::kernels::reference
