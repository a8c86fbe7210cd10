// Canonical forms to blocked forms and back.
#include "cohort/kernels/layout.hpp"

#include <algorithm>

#include "cohort/core/error.hpp"

namespace cohort::kernels {
namespace {

std::int64_t canonical_count(const ConvShape& shape) {
  return std::int64_t{shape.destination_channels} * shape.source_channels * shape.kernel_height *
         shape.kernel_width;
}
std::int64_t canonical_count(const MapShape& shape) {
  return shape.images * shape.channels * shape.pixels();
}

/// Calls visit(canonical index, blocked index) for every weight.
template <typename Visit>
void for_each_weight(const ConvShape& shape, Visit visit) {
  const int lanes = shape.source_lanes();
  std::int64_t canonical = 0;
  for (int k = 0; k < shape.destination_channels; ++k) {
    for (int c = 0; c < shape.source_channels; ++c) {
      const std::int64_t block = std::int64_t{k / kLanes} * shape.source_blocks() + c / lanes;
      for (int r = 0; r < shape.kernel_height; ++r) {
        for (int s = 0; s < shape.kernel_width; ++s, ++canonical) {
          const std::int64_t tap = (block * shape.kernel_height + r) * shape.kernel_width + s;
          visit(canonical, (tap * lanes + c % lanes) * kLanes + k % kLanes);
        }
      }
    }
  }
}

/// Calls visit(canonical index, blocked index) for every pixel of every channel.
template <typename Visit>
void for_each_pixel(const MapShape& shape, Visit visit) {
  std::int64_t canonical = 0;
  for (int n = 0; n < shape.images; ++n) {
    for (int c = 0; c < shape.channels; ++c) {
      const std::int64_t block = std::int64_t{n} * shape.channel_blocks() + c / kLanes;
      for (std::int64_t pixel = 0; pixel < shape.pixels(); ++pixel, ++canonical) {
        visit(canonical, (block * shape.pixels() + pixel) * kLanes + c % kLanes);
      }
    }
  }
}

void require_counts(std::size_t canonical, std::int64_t canonical_expected, std::size_t blocked,
                    std::int64_t blocked_expected) {
  require(static_cast<std::int64_t>(canonical) == canonical_expected, "layout: canonical count");
  require(static_cast<std::int64_t>(blocked) == blocked_expected, "layout: blocked count");
}

}  // namespace

template <typename T>
void block_weight(const ConvShape& shape, std::span<const T> canonical, std::span<T> blocked) {
  require_counts(canonical.size(), canonical_count(shape), blocked.size(), shape.weight_count());
  std::fill(blocked.begin(), blocked.end(), T(0));
  for_each_weight(shape, [&](std::int64_t from, std::int64_t to) { blocked[to] = canonical[from]; });
}

template <typename T>
void unblock_weight(const ConvShape& shape, std::span<const T> blocked, std::span<T> canonical) {
  require_counts(canonical.size(), canonical_count(shape), blocked.size(), shape.weight_count());
  for_each_weight(shape, [&](std::int64_t to, std::int64_t from) { canonical[to] = blocked[from]; });
}

template <typename T>
void block_maps(const MapShape& shape, std::span<const T> canonical, std::span<T> blocked) {
  require_counts(canonical.size(), canonical_count(shape), blocked.size(), shape.count());
  std::fill(blocked.begin(), blocked.end(), T(0));
  for_each_pixel(shape, [&](std::int64_t from, std::int64_t to) { blocked[to] = canonical[from]; });
}

template <typename T>
void unblock_maps(const MapShape& shape, std::span<const T> blocked, std::span<T> canonical) {
  require_counts(canonical.size(), canonical_count(shape), blocked.size(), shape.count());
  for_each_pixel(shape, [&](std::int64_t to, std::int64_t from) { canonical[to] = blocked[from]; });
}

template void block_weight(const ConvShape&, std::span<const float>, std::span<float>);
template void block_weight(const ConvShape&, std::span<const double>, std::span<double>);
template void unblock_weight(const ConvShape&, std::span<const float>, std::span<float>);
template void unblock_weight(const ConvShape&, std::span<const double>, std::span<double>);
template void block_maps(const MapShape&, std::span<const float>, std::span<float>);
template void block_maps(const MapShape&, std::span<const double>, std::span<double>);
template void unblock_maps(const MapShape&, std::span<const float>, std::span<float>);
template void unblock_maps(const MapShape&, std::span<const double>, std::span<double>);

}  // namespace cohort::kernels
