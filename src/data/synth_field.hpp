// Noise, cells and interpolation for drawn skin: plain IEEE arithmetic on hashed lattices, the same on every
// machine.
#pragma once

#include <cstdint>

namespace cohort::data::synth {

/// A well-mixed 64-bit value for a lattice point.
std::uint64_t mix(std::uint64_t seed, std::int64_t x, std::int64_t y);

/// The upper 53 bits of a hash as a number in [0, 1).
inline double unit(std::uint64_t hash) {
  return static_cast<double>(hash >> 11) * 0x1p-53;
}

/// Largest integer not above x. Requires |x| < 2^31.
inline int floor_of(double x) {
  const int truncated = static_cast<int>(x);
  return truncated - (static_cast<double>(truncated) > x ? 1 : 0);
}
inline double clamp(double x, double low, double high) {
  return x < low ? low : (x > high ? high : x);
}
inline double lerp(double from, double to, double t) {
  return from + (to - from) * t;
}

/// 0 below `low`, 1 above `high`, a cubic with flat ends between. Requires low < high.
inline double smoothstep(double low, double high, double x) {
  const double t = clamp((x - low) / (high - low), 0.0, 1.0);
  return t * t * (3.0 - 2.0 * t);
}

/// Smooth value noise of unit wavelength.
///
/// Ensures   values in [-1, 1]; twice differentiable in x and y.
double noise(std::uint64_t seed, double x, double y);

/// Octaves of noise, each at twice the frequency and half the strength; in [-1, 1].
double fractal_noise(std::uint64_t seed, double x, double y, int octaves);

/// What a point sees of a honeycomb of cells with displaced centres.
struct Cell {
  double nearest = 0;      ///< distance to the nearest centre
  double second = 0;       ///< distance to the second nearest
  std::uint64_t hash = 0;  ///< names the nearest cell
};

/// Looks up the cell of a point; centres stand 1 apart, each displaced by up to `jitter` / 2 in x and y.
Cell find_cell(std::uint64_t seed, double x, double y, double jitter);

}  // namespace cohort::data::synth
