// One photograph of a lesion: how the instrument stands, what lies in front, and the pixels it records.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "data/synth_lesion.hpp"

namespace cohort::data::synth {

/// A hair as a bent line, in units of half the image.
struct Hair {
  std::array<double, 2> from{}, bend{}, to{};
  double width_mm = 0;
};

/// Nothing here knows the label.
struct View {
  double centre_x = 0, centre_y = 0;  ///< of the lesion, in units of half the image
  double angle = 0;
  double fraction = 0;  ///< the lesion's mean radius / half the image
  Density gain{};       ///< exposure and white balance
  double light_x = 0, light_y = 0, vignette = 0, tube = 0, blur = 0, grain = 0, contrast = 1;
  std::vector<Hair> hairs;
  Density hair_colour{};
  bool ruler = false;
  int bubbles = 0;
  std::uint64_t seed = 0;
};

View draw_view(RandomSequence random, const Person& person, const Lesion& lesion);

struct Picture {
  std::vector<std::uint8_t> rgb;   ///< interleaved rows
  std::vector<std::uint8_t> mask;  ///< 255 inside the lesion's outline
};

Picture paint(const Person& person, const Lesion& lesion, const View& view, int size);

/// A picture on its way: channel values near [0, 1], interleaved rows.
struct Film {
  int size = 0;
  std::vector<double> rgb;
};

/// Things between the lens and the skin: hair, a scale, bubbles in the gel.
void paint_foreground(const Lesion& lesion, const View& view, Film& film);
/// What the instrument adds: focus, light, vignette, tube, exposure, grain; then eight bits per channel.
std::vector<std::uint8_t> expose(const View& view, Film& film);

}  // namespace cohort::data::synth
