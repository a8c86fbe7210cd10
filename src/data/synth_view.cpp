#include "data/synth_view.hpp"

#include "cohort/core/exact_math.hpp"
#include "data/synth_field.hpp"

namespace cohort::data::synth {
namespace {

Hair draw_hair(RandomSequence& random, double direction) {
  Hair hair;
  const double angle = direction + random.normal() * 0.6;
  const double x = random.uniform(-1.1, 1.1), y = random.uniform(-1.1, 1.1);
  const double half = random.uniform(0.35, 1.1), sag = random.normal() * 0.25 * half;
  const double dx = exact::cos(angle), dy = exact::sin(angle);
  hair.from = {x - half * dx, y - half * dy};
  hair.to = {x + half * dx, y + half * dy};
  hair.bend = {x - 2 * sag * dy, y + 2 * sag * dx};
  hair.width_mm = random.uniform(0.05, 0.11);
  return hair;
}

constexpr int kTones = 5;
constexpr std::array<Density, kTones> kSkin = {
    {{0.93, 0.80, 0.77}, {0.90, 0.73, 0.67}, {0.82, 0.64, 0.55}, {0.67, 0.50, 0.41}, {0.50, 0.37, 0.31}}};

Density skin_colour(const Person& person) {
  const double place = person.tone * (kTones - 1.001);
  const int below = static_cast<int>(place);
  Density colour;
  for (std::size_t c = 0; c < 3; ++c)
    colour[c] = lerp(kSkin[static_cast<std::size_t>(below)][c], kSkin[static_cast<std::size_t>(below) + 1][c],
                     place - below);
  colour[1] *= 1.0 - 0.24 * person.flush * person.flush;
  colour[2] *= 1.0 - 0.20 * person.flush * person.flush;
  return colour;
}

/// Skin around and below the lesion, in millimetres of the skin.
Density skin_at(const Person& person, const Lesion& lesion, const Density& colour, double x_mm, double y_mm,
                double pixel_mm) {
  const double blotch = fractal_noise(lesion.seed + 11, 0.22 * x_mm, 0.22 * y_mm, 3);
  const double grain = fractal_noise(lesion.seed + 12, 1.3 * x_mm, 1.3 * y_mm, 3);
  const Cell furrow = find_cell(lesion.seed + 13, 1.3 * x_mm + 0.3 * grain, 1.3 * y_mm - 0.3 * grain, 0.9);
  const double line = 1.0 - smoothstep(0.0, 0.14 + pixel_mm, furrow.second - furrow.nearest);
  double spot = 0;
  if (person.freckles > 0) {
    const Cell freckle =
        find_cell(lesion.seed + 14, 0.33 * x_mm + 0.15 * grain, 0.33 * y_mm + 0.15 * blotch, 1.0);
    const double size = 0.10 + 0.22 * unit(freckle.hash);
    spot = person.freckles * unit(mix(freckle.hash, 5, 6)) *
           (1.0 - smoothstep(0.3 * size, size, freckle.nearest));
  }
  const double bright = 1.0 + 0.04 * blotch + 0.045 * grain - 0.025 * line;
  const double redder = 0.06 * blotch + 0.02 * grain;
  return {colour[0] * bright * (1.0 - 0.10 * spot), colour[1] * bright * (1.0 - redder - 0.22 * spot),
          colour[2] * bright * (1.0 - redder - 0.32 * spot)};
}

/// How strongly the fine structures of a lesion darken a point: mottling, network lines, globules, streaks.
double texture_at(const Lesion& lesion, double x, double y, double rho, double abrupt, double pixel_mm) {
  const double to_mm = 0.5 * lesion.signs.diameter_mm;
  const double cloud = fractal_noise(lesion.seed + 1, 2.7 * x, 2.7 * y, 2);
  const double clump = fractal_noise(lesion.seed + 7, 2.1 * x * to_mm, 2.1 * y * to_mm, 3);
  double darker = lesion.mottling * (0.7 * cloud + 0.9 * clump);
  // A structure finer than two pixels is seen as its mean only.
  const double pitch = lesion.network_pitch_mm * (1.0 + 0.35 * lesion.disorder);
  const double seen = smoothstep(1.4, 3.2, pitch / pixel_mm);
  if (lesion.network > 0 && seen > 0) {
    const double bent = 0.35 * clump;
    const Cell mesh = find_cell(lesion.seed + 2, x * to_mm / pitch + bent, y * to_mm / pitch - bent,
                                0.35 + lesion.disorder);
    const double width = 0.42 + 0.22 * lesion.disorder * noise(lesion.seed + 3, 2.3 * x, 2.3 * y);
    const double line = 1.0 - smoothstep(0.0, width, mesh.second - mesh.nearest);
    const double patchy =
        lerp(1.0, smoothstep(-0.35, 0.25, noise(lesion.seed + 4, 1.9 * x, 1.9 * y)), lesion.disorder);
    darker += seen * lesion.network * patchy * (line - 0.4) * smoothstep(0.05, 0.55, rho);
  }
  if (lesion.globules > 0) {
    const double step = 0.55 + 0.25 * lesion.disorder;
    const Cell dot =
        find_cell(lesion.seed + 5, x * to_mm / step, y * to_mm / step, 0.5 + 0.7 * lesion.disorder);
    const double size = 0.2 + 0.22 * (unit(dot.hash) - 0.5);
    const double shown = unit(mix(dot.hash, 3, 4)) < lerp(0.85, 0.5, lesion.disorder) ? 1.0 : 0.0;
    const double soft = 0.12 + 0.6 * pixel_mm / step;
    darker += 0.8 * lesion.globules * shown * (1.0 - smoothstep(size - soft, size + soft, dot.nearest));
  }
  if (abrupt > 0 && rho > 0.6) {
    const double length = 6.0 / exact::sqrt(x * x + y * y);
    const double ray = noise(lesion.seed + 6, x * length, y * length);
    darker += 0.55 * abrupt * smoothstep(0.68, 0.98, rho) * ray;
  }
  return darker;
}

}  // namespace

View draw_view(RandomSequence random, const Person& person, const Lesion& lesion) {
  View view;
  view.seed = random.next_u64();
  view.angle = random.uniform(0, 2 * exact::kPi);
  view.fraction = clamp(lesion.frame_fraction * random.uniform(0.85, 1.15), 0.38, 0.66);
  const double room = 0.26 - 0.25 * (view.fraction - 0.38);
  view.centre_x = random.uniform(-room, room);
  view.centre_y = random.uniform(-room, room);
  const double exposure = random.uniform(0.84, 1.12);
  const double warm = random.uniform(-0.08, 0.05), green = random.uniform(-0.08, 0.02);
  view.gain = {exposure * (1.0 + warm), exposure * (1.0 + green), exposure * (1.0 - warm)};
  view.contrast = random.uniform(0.85, 1.15);
  view.light_x = random.uniform(-0.10, 0.10);
  view.light_y = random.uniform(-0.10, 0.10);
  view.vignette = random.uniform(0.0, 0.34);
  view.tube = random.uniform() < 0.18 ? random.uniform(1.10, 1.32) : 0.0;
  view.blur = random.uniform(0.0, 0.55);
  view.grain = random.uniform(0.004, 0.016);
  view.ruler = random.uniform() < 0.12;
  view.bubbles = random.uniform() < 0.15 ? 1 + static_cast<int>(random.below(5)) : 0;
  const double dark = 1.0 - person.hair_light;
  view.hair_colour = {0.62 - 0.50 * dark, 0.46 - 0.38 * dark, 0.30 - 0.24 * dark};
  const int hairs = floor_of(person.hairiness * person.hairiness * random.uniform(0.0, 22.0) + 0.5);
  const double direction = random.uniform(0, exact::kPi);
  for (int i = 0; i < hairs; ++i) view.hairs.push_back(draw_hair(random, direction));
  return view;
}

Picture paint(const Person& person, const Lesion& lesion, const View& view, int size) {
  Picture picture;
  picture.mask.assign(static_cast<std::size_t>(size) * static_cast<std::size_t>(size), 0);
  Film film{size, std::vector<double>(picture.mask.size() * 3)};
  const double cosine = exact::cos(view.angle) / view.fraction, sine = exact::sin(view.angle) / view.fraction;
  const double to_mm = 0.5 * lesion.signs.diameter_mm;
  const double pixel = 2.0 / (size * view.fraction), pixel_mm = pixel * to_mm;
  const Density skin = skin_colour(person);
  std::size_t at = 0;
  for (int j = 0; j < size; ++j)
    for (int i = 0; i < size; ++i, ++at) {
      const double u = (2 * i + 1.0) / size - 1 - view.centre_x, v = (2 * j + 1.0) / size - 1 - view.centre_y;
      const double x = cosine * u + sine * v, y = cosine * v - sine * u;
      Density colour = skin_at(person, lesion, skin, x * to_mm, y * to_mm, pixel_mm);
      const double plain = exact::sqrt(x * x + y * y);
      if (plain < 2.2 && plain > 0) {
        const double edge = at_angle(lesion.outline, x, y);
        const double feather = at_angle(lesion.feather, x, y);
        const double abrupt = at_angle(lesion.abrupt, x, y);
        const double ragged = fractal_noise(lesion.seed + 8, 4.6 * x, 4.6 * y, 3);
        const double distance = plain + (0.04 + lerp(0.10, 0.22, lesion.signs.border / 8.0) * abrupt) *
                                            ragged * smoothstep(0.2, 0.7, plain);
        const double rho = clamp(distance / edge, 0, 9);
        if (rho < 1) picture.mask[at] = 255;
        const double inside = smoothstep(-feather - 0.5 * pixel, feather + 0.5 * pixel, edge - distance);
        if (inside > 0) {
          const Density pigment = pigment_at(lesion, x, y, rho);
          const double depth =
              inside * (1.0 + clamp(texture_at(lesion, x, y, rho, abrupt, pixel_mm), -0.7, 1.2));
          for (std::size_t c = 0; c < 3; ++c) colour[c] *= exact::exp(-depth * pigment[c]);
        }
      }
      for (std::size_t c = 0; c < 3; ++c) film.rgb[3 * at + c] = colour[c];
    }
  paint_foreground(lesion, view, film);
  picture.rgb = expose(view, film);
  return picture;
}

}  // namespace cohort::data::synth
