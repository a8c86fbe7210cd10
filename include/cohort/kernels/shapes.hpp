// The problems kernels solve. Letters of the legend: N images, C source channels, H W source size, K
// destination channels, R S window, P Q destination size.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cohort/core/numerics.hpp"

namespace cohort::kernels {

/// Blocks of kLanes channels that `channels` occupy.
constexpr int blocks(int channels) {
  return (channels + kLanes - 1) / kLanes;
}
/// Channels rounded up to whole blocks.
constexpr int padded(int channels) {
  return blocks(channels) * kLanes;
}

/// One share of a kernel's output: part `index` of `count`. Any partition gives the same bits, because no
/// output element is ever computed by two parts. How the output is cut is the kernel's own affair.
struct Part {
  int index = 0;
  int count = 1;
};

/// Memory a kernel may use as it likes, 64-byte aligned; parts that run at the same time need one each.
struct Scratch {
  std::byte* data = nullptr;
  std::size_t bytes = 0;
};

/// A two-dimensional convolution without groups or dilation.
///
/// Activations are blocked nChw16c: [N][blocks(C)][H][W][16], unused lanes +0. With `thin_source` (network
/// inputs of at most 4 channels) the source is [N][H][W][C] without padding lanes. Weights are
/// [blocks(K)][source blocks][R][S][source lanes][16 destination lanes], unused lanes +0, where the source
/// lanes are 16, or C (one block) with thin_source.
struct ConvShape {
  int images = 1;
  int source_channels = 0, height = 0, width = 0;
  int destination_channels = 0;
  int kernel_height = 1, kernel_width = 1;
  int stride = 1;
  int pad_height = 0, pad_width = 0;
  bool thin_source = false;

  [[nodiscard]] int destination_height() const {
    return (height + 2 * pad_height - kernel_height) / stride + 1;
  }
  [[nodiscard]] int destination_width() const { return (width + 2 * pad_width - kernel_width) / stride + 1; }
  [[nodiscard]] int source_lanes() const { return thin_source ? source_channels : kLanes; }
  [[nodiscard]] int source_blocks() const { return thin_source ? 1 : blocks(source_channels); }
  [[nodiscard]] int destination_blocks() const { return blocks(destination_channels); }
  [[nodiscard]] std::int64_t source_count() const {
    return std::int64_t{images} * source_blocks() * height * width * source_lanes();
  }
  [[nodiscard]] std::int64_t destination_count() const {
    return std::int64_t{images} * destination_blocks() * destination_height() * destination_width() * kLanes;
  }
  [[nodiscard]] std::int64_t weight_count() const {
    return std::int64_t{destination_blocks()} * source_blocks() * kernel_height * kernel_width *
           source_lanes() * kLanes;
  }
  /// Nominal floating-point operations of one pass: 2·N·K·P·Q·C·R·S, padding counted.
  [[nodiscard]] double flops() const {
    return 2.0 * images * destination_channels * destination_height() * destination_width() *
           source_channels * kernel_height * kernel_width;
  }
};

/// Feature maps for the element-wise and per-channel kernels: [N][blocks(C)][H*W][16].
struct MapShape {
  int images = 1;
  int channels = 0;
  int height = 1, width = 1;
  [[nodiscard]] int channel_blocks() const { return blocks(channels); }
  [[nodiscard]] std::int64_t pixels() const { return std::int64_t{height} * width; }
  [[nodiscard]] std::int64_t count() const {
    return std::int64_t{images} * channel_blocks() * pixels() * kLanes;
  }
};

/// The most positions in the window of a maximum: a byte keeps which of them won.
inline constexpr int kMaxWinners = 256;

/// A pooling window over blocked maps. Padding never wins a maximum and is not counted in an average.
/// Requires padding smaller than the window (each window holds a pixel), and for a maximum at most
/// kMaxWinners positions.
struct PoolShape {
  int images = 1;
  int channels = 0, height = 0, width = 0;
  int kernel_height = 1, kernel_width = 1;
  int stride = 1;
  int pad_height = 0, pad_width = 0;
  [[nodiscard]] int destination_height() const {
    return (height + 2 * pad_height - kernel_height) / stride + 1;
  }
  [[nodiscard]] int destination_width() const { return (width + 2 * pad_width - kernel_width) / stride + 1; }
  [[nodiscard]] MapShape source() const { return {images, channels, height, width}; }
  [[nodiscard]] MapShape destination() const {
    return {images, channels, destination_height(), destination_width()};
  }
};

}  // namespace cohort::kernels
