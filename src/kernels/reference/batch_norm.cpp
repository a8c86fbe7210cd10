// Batch normalisation, straight from its definition: two passes for the statistics, one for the result.
#include <cmath>

#include "kernels/reference/reference.hpp"

namespace cohort::kernels::reference {
namespace {

/// One channel of blocked maps: calls visit(index of the element) over all images and pixels.
template <typename Visit>
void for_channel(const MapShape& shape, int channel, Visit visit) {
  for (int n = 0; n < shape.images; ++n) {
    const std::int64_t map = std::int64_t{n} * shape.channel_blocks() + channel / kLanes;
    for (std::int64_t pixel = 0; pixel < shape.pixels(); ++pixel) {
      visit((map * shape.pixels() + pixel) * kLanes + channel % kLanes);
    }
  }
}

double values_per_channel(const MapShape& shape) {
  return static_cast<double>(shape.images) * static_cast<double>(shape.pixels());
}

void apply(const MapShape& shape, const BatchNormArguments<double>& arguments, int channel, double mean,
           double inverse_std) {
  for_channel(shape, channel, [&](std::int64_t i) {
    double value =
        (arguments.src[i] - mean) * inverse_std * arguments.gamma[channel] + arguments.beta[channel];
    if (arguments.residual) value += arguments.residual[i];
    arguments.dst[i] = arguments.relu && value <= 0 ? 0 : value;
  });
}

}  // namespace

void batch_norm_forward(const MapShape& shape, const BatchNormArguments<double>& arguments, Part part) {
  const Range channels = share_of(padded(shape.channels), part);
  const double count = values_per_channel(shape);
  for (int channel = static_cast<int>(channels.begin); channel < channels.end; ++channel) {
    double sum = 0;
    for_channel(shape, channel, [&](std::int64_t i) { sum += arguments.src[i]; });
    const double mean = sum / count;
    double squares = 0;
    for_channel(shape, channel, [&](std::int64_t i) {
      const double centred = arguments.src[i] - mean;
      squares += centred * centred;
    });
    const double inverse_std = 1 / std::sqrt(squares / count + arguments.epsilon);
    arguments.mean[channel] = mean;
    arguments.inverse_std[channel] = inverse_std;
    arguments.variance[channel] = squares / (count > 1 ? count - 1 : 1);
    apply(shape, arguments, channel, mean, inverse_std);
  }
}

void batch_norm_inference(const MapShape& shape, const BatchNormArguments<double>& arguments, Part part) {
  const Range channels = share_of(padded(shape.channels), part);
  for (int channel = static_cast<int>(channels.begin); channel < channels.end; ++channel) {
    apply(shape, arguments, channel, arguments.mean[channel],
          1 / std::sqrt(arguments.variance[channel] + arguments.epsilon));
  }
}

void batch_norm_backward(const MapShape& shape, const BatchNormArguments<double>& arguments,
                         const BatchNormGradients<double>& gradients, Part part) {
  const Range channels = share_of(padded(shape.channels), part);
  const double count = values_per_channel(shape);
  for (int channel = static_cast<int>(channels.begin); channel < channels.end; ++channel) {
    const double mean = arguments.mean[channel], inverse_std = arguments.inverse_std[channel];
    const auto masked = [&](std::int64_t i) {
      return !arguments.relu || gradients.dst[i] > 0 ? gradients.d_dst[i] : 0;
    };
    const auto normalised = [&](std::int64_t i) { return (arguments.src[i] - mean) * inverse_std; };
    double d_beta = 0, d_gamma = 0;
    for_channel(shape, channel, [&](std::int64_t i) {
      d_beta += masked(i);
      d_gamma += masked(i) * normalised(i);
    });
    const double scale = arguments.gamma[channel] * inverse_std;
    for_channel(shape, channel, [&](std::int64_t i) {
      const double g = masked(i);
      gradients.d_src[i] = scale * (g - d_beta / count - normalised(i) * d_gamma / count);
      if (gradients.d_residual) gradients.d_residual[i] = g;
    });
    gradients.d_beta[channel] = d_beta;
    gradients.d_gamma[channel] = d_gamma;
  }
}

}  // namespace cohort::kernels::reference
