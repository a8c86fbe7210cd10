// Pooling, straight from its definition: forward walks the destination, backward scatters.
#include "kernels/reference/reference.hpp"

namespace cohort::kernels::reference {
namespace {

/// Calls visit(window position, source index of lane 0) for each pixel of a window that lies inside the map.
template <typename Visit>
void for_window(const PoolShape& shape, std::int64_t map, int p, int q, Visit visit) {
  for (int r = 0; r < shape.kernel_height; ++r) {
    const int h = p * shape.stride + r - shape.pad_height;
    if (h < 0 || h >= shape.height) continue;
    for (int s = 0; s < shape.kernel_width; ++s) {
      const int w = q * shape.stride + s - shape.pad_width;
      if (w < 0 || w >= shape.width) continue;
      visit(r * shape.kernel_width + s, ((map * shape.height + h) * shape.width + w) * kLanes);
    }
  }
}

/// Calls visit(map, p, q, destination index of lane 0) for each destination pixel of a part's maps.
template <typename Visit>
void for_destination(const PoolShape& shape, Part part, Visit visit) {
  const int height = shape.destination_height(), width = shape.destination_width();
  const Range maps = share_of(std::int64_t{shape.images} * blocks(shape.channels), part);
  for (std::int64_t map = maps.begin; map < maps.end; ++map) {
    for (int p = 0; p < height; ++p) {
      for (int q = 0; q < width; ++q) visit(map, p, q, ((map * height + p) * width + q) * kLanes);
    }
  }
}

void clear_source(const PoolShape& shape, double* d_src, Part part) {
  const Range maps = share_of(std::int64_t{shape.images} * blocks(shape.channels), part);
  const std::int64_t map_size = std::int64_t{shape.height} * shape.width * kLanes;
  for (std::int64_t i = maps.begin * map_size; i < maps.end * map_size; ++i) d_src[i] = 0;
}

int count_pixels(const PoolShape& shape, int p, int q) {
  int count = 0;
  for_window(shape, 0, p, q, [&](int, std::int64_t) { ++count; });
  return count;
}

}  // namespace

void max_pool_forward(const PoolShape& shape, const double* src, double* dst, std::uint8_t* winner,
                      Part part) {
  for_destination(shape, part, [&](std::int64_t map, int p, int q, std::int64_t to) {
    for (int lane = 0; lane < kLanes; ++lane) {
      bool found = false;
      double best = 0;
      for_window(shape, map, p, q, [&](int position, std::int64_t from) {
        const double value = src[from + lane];
        const bool wins = !found || value > best || (value != value && best == best);
        if (!wins) return;
        found = true;
        best = value;
        winner[to + lane] = static_cast<std::uint8_t>(position);
      });
      dst[to + lane] = best;
    }
  });
}

void max_pool_backward(const PoolShape& shape, const double* d_dst, const std::uint8_t* winner, double* d_src,
                       Part part) {
  clear_source(shape, d_src, part);
  for_destination(shape, part, [&](std::int64_t map, int p, int q, std::int64_t to) {
    for_window(shape, map, p, q, [&](int position, std::int64_t from) {
      for (int lane = 0; lane < kLanes; ++lane) {
        if (winner[to + lane] == position) d_src[from + lane] += d_dst[to + lane];
      }
    });
  });
}

void average_pool_forward(const PoolShape& shape, const double* src, double* dst, Part part) {
  for_destination(shape, part, [&](std::int64_t map, int p, int q, std::int64_t to) {
    const int count = count_pixels(shape, p, q);
    for (int lane = 0; lane < kLanes; ++lane) {
      double sum = 0;
      for_window(shape, map, p, q, [&](int, std::int64_t from) { sum += src[from + lane]; });
      dst[to + lane] = sum / count;
    }
  });
}

void average_pool_backward(const PoolShape& shape, const double* d_dst, double* d_src, Part part) {
  clear_source(shape, d_src, part);
  for_destination(shape, part, [&](std::int64_t map, int p, int q, std::int64_t to) {
    const int count = count_pixels(shape, p, q);
    for_window(shape, map, p, q, [&](int, std::int64_t from) {
      for (int lane = 0; lane < kLanes; ++lane) d_src[from + lane] += d_dst[to + lane] / count;
    });
  });
}

}  // namespace cohort::kernels::reference
