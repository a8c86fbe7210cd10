// One training pass of a tiny residual network, and its numbers as bits.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "unit/nn/tiny_networks.hpp"

namespace cohort::nn::tiny {

/// Bit patterns, so that -0 differs from +0 and NaN equals itself.
template <typename T>
std::vector<std::uint64_t> bits(std::span<const T> values) {
  std::vector<std::uint64_t> patterns;
  for (const T value : values) {
    if constexpr (sizeof(T) == 4) {
      patterns.push_back(std::bit_cast<std::uint32_t>(value));
    } else {
      patterns.push_back(std::bit_cast<std::uint64_t>(value));
    }
  }
  return patterns;
}
template <typename T>
std::vector<std::uint64_t> bits(const std::vector<T>& values) {
  return bits(std::span<const T>(values));
}

inline const Model kModel = tiny_resnet({3, 9, 7}, 19, 33, 5);

template <typename T>
Network<T> network_for(const Subject<T>& subject, const kernels::Table<T>& table, int images,
                       Purpose purpose) {
  return Network<T>(subject.model, subject.layout, table, images, purpose);
}

/// What one training pass makes: logits, batch statistics, gradients.
template <typename T>
struct Pass {
  std::vector<T> logits, statistics, gradient;
};

template <typename T>
Pass<T> run_pass(Network<T>& network, const Subject<T>& subject) {
  fill_images(subject.model, network.input(), network.images());
  network.forward(subject.parameters);
  Pass<T> pass;
  pass.logits.assign(network.logits().begin(), network.logits().end());
  pass.statistics.assign(network.batch_statistics().begin(), network.batch_statistics().end());
  const auto d_logits = network.d_logits();
  std::fill(d_logits.begin(), d_logits.end(), T(0));
  const auto stride = d_logits.size() / static_cast<std::size_t>(network.images());
  RandomSequence random(8, Stream::test_inputs, 1);
  for (std::size_t n = 0; n < static_cast<std::size_t>(network.images()); ++n) {
    for (int k = 0; k < subject.model.classes; ++k) {
      d_logits[n * stride + static_cast<std::size_t>(k)] = static_cast<T>(random.uniform(-1, 1));
    }
  }
  pass.gradient = flat_gradient(network, subject);
  return pass;
}

}  // namespace cohort::nn::tiny
