#include "data/synth_field.hpp"

#include "cohort/core/exact_math.hpp"

namespace cohort::data::synth {
namespace {

constexpr double kRowHeight = 0.8660254037844386;  // sqrt(3)/2: rows of a honeycomb

double fade(double t) {
  return t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
}

}  // namespace

std::uint64_t mix(std::uint64_t seed, std::int64_t x, std::int64_t y) {
  // Two rounds of multiply and shift with odd constants; quality only has to satisfy the eye.
  std::uint64_t h = seed ^ (static_cast<std::uint64_t>(x) * 0x9E3779B97F4A7C15U);
  h = (h ^ (h >> 32)) * 0xD6E8FEB86659FD93U;
  h ^= static_cast<std::uint64_t>(y) * 0xC2B2AE3D27D4EB4FU;
  h = (h ^ (h >> 29)) * 0xD6E8FEB86659FD93U;
  return h ^ (h >> 32);
}

double noise(std::uint64_t seed, double x, double y) {
  const int column = floor_of(x), row = floor_of(y);
  const double u = fade(x - column), v = fade(y - row);
  const double top = lerp(unit(mix(seed, column, row)), unit(mix(seed, column + 1, row)), u);
  const double bottom = lerp(unit(mix(seed, column, row + 1)), unit(mix(seed, column + 1, row + 1)), u);
  return 2.0 * lerp(top, bottom, v) - 1.0;
}

double fractal_noise(std::uint64_t seed, double x, double y, int octaves) {
  double sum = 0, weight = 1, total = 0;
  for (int octave = 0; octave < octaves; ++octave) {
    sum += weight * noise(seed + static_cast<std::uint64_t>(octave), x, y);
    total += weight;
    weight *= 0.5;
    x = 2.0 * x + 17.3;  // shifted, so that lattice points of the octaves do not coincide
    y = 2.0 * y - 9.7;
  }
  return sum / total;
}

Cell find_cell(std::uint64_t seed, double x, double y, double jitter) {
  const int row = floor_of(y / kRowHeight);
  double nearest = 1e9, second = 1e9;
  std::uint64_t name = 0;
  for (int r = row - 1; r <= row + 1; ++r) {
    const double shift = (r % 2 != 0) ? 0.5 : 0.0;
    const int column = floor_of(x - shift);
    for (int c = column - 1; c <= column + 1; ++c) {
      const std::uint64_t hash = mix(seed, c, r);
      const double left = static_cast<double>(hash >> 40) * 0x1p-24 - 0.5;
      const double up = static_cast<double>(hash & 0xFFFFFF) * 0x1p-24 - 0.5;
      const double dx = c + shift + 0.5 + jitter * left - x;
      const double dy = (r + 0.5) * kRowHeight + jitter * up - y;
      const double squared = dx * dx + dy * dy;
      if (squared < nearest) {
        second = nearest;
        nearest = squared;
        name = hash;
      } else if (squared < second) {
        second = squared;
      }
    }
  }
  return {exact::sqrt(nearest), exact::sqrt(second), mix(name, 1, 2)};
}

}  // namespace cohort::data::synth
