// What is drawn, before any pixel: a person's skin, a lesion's signs by the ABCD rule, and the shapes that
// show them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cohort/core/philox.hpp"

namespace cohort::data::synth {

/// Optical density per colour channel: light is multiplied by e^-density.
using Density = std::array<double, 3>;

/// The skin that all images of a patient share. All in [0, 1].
struct Person {
  double tone = 0;   ///< melanin: 0 very fair, 1 very dark
  double flush = 0;  ///< redness
  double hairiness = 0;
  double hair_light = 0;  ///< 0 black, 1 fair
  double freckles = 0;
};

/// The four signs and the label they decide together.
struct Signs {
  bool malignant = false;
  double asymmetry = 0;  ///< 0 … 2, about two axes
  int border = 0;        ///< 0 … 8 eighths of the outline that end abruptly, notched
  int colours = 1;       ///< 1 … 6 of white, red, light and dark brown, blue-grey, black
  double diameter_mm = 0;
};

/// Total score 1.3 A + 0.1 B + 0.5 C + 0.5 D with D = clamp(diameter / 2.5 mm, 1, 5), after the dermoscopic
/// ABCD rule; the fourth term is the diameter here.
double total_score(const Signs& signs);

/// A lesion is malignant above and benign below this score; none is drawn within the margin of it.
inline constexpr double kScoreThreshold = 5.1;
/// Half the width of the band that is left out: 0.35 at difficulty 0.5 (the rule's 4.75 … 5.45), 0 at 1.
double score_margin(double difficulty);

/// A coloured part of a lesion, in units of the lesion's mean radius.
struct Patch {
  Density density{};
  double x = 0, y = 0, radius = 0;
  double feather = 0;  ///< width of its edge
  double wander = 0;   ///< how far noise moves its edge
  std::uint64_t seed = 0;
};

inline constexpr int kAngles = 1024;

struct Lesion {
  Signs signs;
  std::uint64_t seed = 0;
  std::array<double, kAngles> outline{};  ///< distance of the edge from the centre; the enclosed area is pi
  std::array<double, kAngles> feather{};  ///< width over which pigment fades at the edge
  std::array<double, kAngles> abrupt{};   ///< 1 within an irregular eighth, 0 outside
  Density base{};
  std::vector<Patch> patches;
  double shading = 0;  ///< darker centre (> 0) or rim (< 0)
  double mottling = 0, network = 0, network_pitch_mm = 0.5, globules = 0, disorder = 0;
  double frame_fraction = 0.5;  ///< its mean radius / half the image, before each view's zoom
};

Person draw_person(RandomSequence random);
Signs draw_signs(RandomSequence& random, bool malignant, double difficulty);
Lesion draw_lesion(RandomSequence random, const Signs& signs, double difficulty);

/// Value of a table over the angle of (x, y), interpolated. Requires (x, y) not both 0.
double at_angle(const std::array<double, kAngles>& table, double x, double y);

/// Density of base and patches at a point of the lesion, without texture; `rho` is the point's distance from
/// the centre in units of the edge's.
Density pigment_at(const Lesion& lesion, double x, double y, double rho);

}  // namespace cohort::data::synth
