// Networks small enough to check element by element, and everything needed to run one in float or double.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "cohort/core/exact_math.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/nn/network.hpp"
#include "nn/model_builder.hpp"

namespace cohort::nn::tiny {

/// A residual network in miniature: a plain block, then one that halves the maps and projects its skip path.
inline Model tiny_resnet(Shape input, int width, int wider, int classes) {
  ModelBuilder builder("tiny-resnet", "", classes, input);
  int value = builder.convolution("conv1", 0, width, {3, 1, 1});
  int skip = builder.batch_norm("bn1", value, true);
  value = builder.convolution("layer1.0.conv1", skip, width, {3, 1, 1});
  value = builder.batch_norm("layer1.0.bn1", value, true);
  value = builder.convolution("layer1.0.conv2", value, width, {3, 1, 1});
  const int block = builder.batch_norm("layer1.0.bn2", value, true, skip);
  value = builder.convolution("layer2.0.conv1", block, wider, {3, 2, 1});
  value = builder.batch_norm("layer2.0.bn1", value, true);
  value = builder.convolution("layer2.0.conv2", value, wider, {3, 1, 1});
  skip = builder.convolution("layer2.0.downsample.0", block, wider, {1, 2, 0});
  skip = builder.batch_norm("layer2.0.downsample.1", skip, false);
  value = builder.batch_norm("layer2.0.bn2", value, true, skip);
  value = builder.global_average_pool("avgpool", value);
  builder.linear("fc", value, classes);
  return builder.finish();
}

/// A model with random state; the numbers are floats, so that both precisions start from the same.
template <typename T>
struct Subject {
  Model model;
  StateLayout layout;
  std::vector<T> parameters, statistics;
};

inline std::vector<float> random_values(std::int64_t count, std::uint64_t draw, double mean,
                                        double deviation) {
  RandomSequence random(2024, Stream::test_inputs, draw);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = static_cast<float>(mean + deviation * random.normal());
  return values;
}

template <typename T>
Subject<T> make_subject(const Model& model, std::uint64_t seed = 0) {
  Subject<T> subject{model, layout_state(model), {}, {}};
  const auto fill = [&](const std::vector<Tensor>& tensors, std::int64_t count, std::uint64_t stream) {
    std::vector<float> flat(static_cast<std::size_t>(count));
    for (const Tensor& tensor : tensors) {
      const auto scale = 1.0 / static_cast<double>(tensor.canonical_count() / tensor.extents[0]);
      const bool is_weight = tensor.extents.size() > 1;
      const bool is_positive =
          tensor.role == TensorRole::gamma || tensor.role == TensorRole::running_variance;
      std::vector<float> values =
          random_values(tensor.canonical_count(), seed * 1000 + stream++, is_positive ? 1.0 : 0.0,
                        is_weight ? exact::sqrt(2 * scale) : 0.2);
      from_canonical(tensor, values, flat);
    }
    return std::vector<T>(flat.begin(), flat.end());
  };
  subject.parameters = fill(subject.layout.parameters, subject.layout.parameter_count, 0);
  subject.statistics = fill(subject.layout.statistics, subject.layout.statistic_count, 500);
  return subject;
}

/// Random images in the layout that `Network::input` asks for; image n depends on `first` + n alone.
template <typename T>
void fill_images(const Model& model, std::span<T> input, int images, std::uint64_t first = 0) {
  const Shape shape = model.input();
  const bool is_thin = conv_shape(model, model.nodes.front(), 1).thin_source;
  const std::int64_t pixels = std::int64_t{shape.height} * shape.width;
  const std::int64_t stride = static_cast<std::int64_t>(input.size()) / images;
  for (int n = 0; n < images; ++n) {
    const auto draw = 900'000 + first + static_cast<std::uint64_t>(n);
    const std::vector<float> values = random_values(shape.count(), draw, 0, 1);
    const std::span<T> image =
        input.subspan(static_cast<std::size_t>(n * stride), static_cast<std::size_t>(stride));
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
      for (int c = 0; c < shape.channels; ++c) {
        const std::int64_t at =
            is_thin ? pixel * shape.channels + c : (c / 16 * pixels + pixel) * 16 + c % 16;
        image[static_cast<std::size_t>(at)] =
            static_cast<T>(values[static_cast<std::size_t>(pixel * shape.channels + c)]);
      }
    }
  }
}

/// Gradients of the last forward as a flat buffer of the layout; elements never written stay NaN.
template <typename T>
std::vector<T> flat_gradient(Network<T>& network, const Subject<T>& subject) {
  std::vector<T> flat(subject.parameters.size(), std::numeric_limits<T>::quiet_NaN());
  network.backward(subject.parameters, [&](const Tensor& tensor, std::span<const T> gradient) {
    std::copy(gradient.begin(), gradient.end(), flat.begin() + tensor.offset);
  });
  return flat;
}

/// 1 where the flat parameter buffer holds a parameter, 0 in padding lanes.
inline std::vector<float> parameter_mask(const StateLayout& layout) {
  std::vector<float> mask(static_cast<std::size_t>(layout.parameter_count));
  for (const Tensor& tensor : layout.parameters) {
    from_canonical(tensor, std::vector<float>(static_cast<std::size_t>(tensor.canonical_count()), 1.0f),
                   mask);
  }
  return mask;
}

}  // namespace cohort::nn::tiny
