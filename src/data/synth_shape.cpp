#include "data/synth_shape.hpp"

#include <utility>

#include "cohort/core/exact_math.hpp"
#include "data/synth_field.hpp"

namespace cohort::data::synth {
namespace {

constexpr int kSegments = 8;  // the rule looks at the outline in eighths

using AngleTable = std::array<double, kAngles>;

double angle_of(int i) {
  return 2 * exact::kPi * i / kAngles;
}

/// Difference of two angles in [-pi, pi], for angles within a few turns.
double turn_between(double a, double b) {
  double d = a - b;
  while (d > exact::kPi) d -= 2 * exact::kPi;
  while (d < -exact::kPi) d += 2 * exact::kPi;
  return d;
}

/// Ellipse with a small even harmonic on the same axes: two mirror lines, whatever the elongation.
void start_symmetric(RandomSequence& random, AngleTable& outline) {
  const double elongation = random.uniform(1.0, 1.38);
  const double axis = random.uniform(0, exact::kPi), squareness = random.uniform(-0.05, 0.05);
  for (int i = 0; i < kAngles; ++i) {
    const double c = exact::cos(angle_of(i) - axis), s = exact::sin(angle_of(i) - axis);
    const double ellipse = 1.0 / exact::sqrt(c * c / elongation + s * s * elongation);
    outline[static_cast<std::size_t>(i)] = ellipse * (1.0 + squareness * (8 * c * c * (c * c - 1) + 1));
  }
}

/// Lobes and bays on one side, and harmonics whose mirror lines disagree.
void bend(RandomSequence& random, double asymmetry, double strength, AngleTable& outline) {
  const double amount = 0.5 * asymmetry * strength;
  const double lobe = random.uniform(0, 2 * exact::kPi);
  const double turn = random.uniform(1.2, 2.4);
  const double bay = random.uniform() < 0.5 ? lobe - turn : lobe + turn;
  const double lobe_width = random.uniform(0.38, 0.62), bay_width = random.uniform(0.28, 0.45);
  const double third = random.uniform(0, 2 * exact::kPi), second = random.uniform(0, 2 * exact::kPi);
  for (int i = 0; i < kAngles; ++i) {
    const double a = angle_of(i);
    const double to_lobe = turn_between(a, lobe) / lobe_width, to_bay = turn_between(a, bay) / bay_width;
    const double change = 0.44 * exact::exp(-to_lobe * to_lobe) - 0.36 * exact::exp(-to_bay * to_bay) +
                          0.10 * exact::cos(3 * a + third) + 0.07 * exact::cos(2 * a + second);
    outline[static_cast<std::size_t>(i)] *= 1.0 + amount * change;
  }
}

/// Chooses the irregular eighths, notches the outline there and lets pigment end abruptly.
void notch(RandomSequence& random, Lesion& lesion, double strength) {
  std::array<int, kSegments> order{};
  for (int i = 0; i < kSegments; ++i) order[static_cast<std::size_t>(i)] = i;
  for (int i = kSegments - 1; i > 0; --i)
    std::swap(order[static_cast<std::size_t>(i)],
              order[static_cast<std::size_t>(random.below(static_cast<std::uint64_t>(i) + 1))]);
  std::array<double, kSegments> chosen{};
  for (int i = 0; i < lesion.signs.border; ++i)
    chosen[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = 1.0;

  // The more of the outline is irregular, the deeper its notches.
  const double depth = strength * (0.55 + 0.6 * lesion.signs.border / kSegments);
  const double start = random.uniform();
  const double feather = random.uniform(0.10, 0.26);
  const std::uint64_t seed = random.next_u64();
  for (int i = 0; i < kAngles; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const double place = kSegments * (static_cast<double>(i) / kAngles + start) - 0.5;
    const int before = floor_of(place);  // from -1 on
    const double t = smoothstep(0.35, 0.65, place - before);
    const auto is_chosen = [&](int segment) {
      return chosen[static_cast<std::size_t>((segment + kSegments) % kSegments)];
    };
    lesion.abrupt[at] = lerp(is_chosen(before), is_chosen(before + 1), t);
    const double x = exact::cos(angle_of(i)), y = exact::sin(angle_of(i));
    const double coarse = noise(seed, 3.4 * x + 50, 3.4 * y + 50), fine = noise(seed + 1, 7.5 * x, 7.5 * y);
    const double gentle = 0.025 * noise(seed + 2, 1.6 * x, 1.6 * y);
    const double jagged = depth * (0.15 * coarse + 0.07 * fine - 0.03);
    lesion.outline[at] *= 1.0 + lerp(gentle, jagged, lesion.abrupt[at]);
    lesion.feather[at] = lerp(feather, 0.05, lesion.abrupt[at]);
  }
}

/// Scales the outline so that it encloses the area of the unit circle.
void normalise_area(AngleTable& outline) {
  double sum = 0;
  for (const double r : outline) sum += r * r;
  const double scale = 1.0 / exact::sqrt(sum / kAngles);
  for (double& r : outline) r = clamp(r * scale, 0.35, 1.75);
}

}  // namespace

void draw_outline(RandomSequence& random, Lesion& lesion, double strength) {
  start_symmetric(random, lesion.outline);
  bend(random, lesion.signs.asymmetry, strength, lesion.outline);
  notch(random, lesion, strength);
  normalise_area(lesion.outline);
}

}  // namespace cohort::data::synth
