// What lies in front of the skin, and what the instrument adds to the picture.
#include "cohort/core/exact_math.hpp"
#include "data/synth_field.hpp"
#include "data/synth_view.hpp"

namespace cohort::data::synth {
namespace {

void blend(Film& film, int i, int j, const Density& colour, double cover) {
  const auto at =
      3 * (static_cast<std::size_t>(j) * static_cast<std::size_t>(film.size) + static_cast<std::size_t>(i));
  for (std::size_t c = 0; c < 3; ++c) film.rgb[at + c] = lerp(film.rgb[at + c], colour[c], cover);
}

/// Calls `visit(i, j, distance)` for the pixels within `reach` of a segment; all in pixels.
template <typename Visit>
void near_segment(int size, double ax, double ay, double bx, double by, double reach, Visit visit) {
  const double left = (ax < bx ? ax : bx) - reach, right = (ax < bx ? bx : ax) + reach;
  const double top = (ay < by ? ay : by) - reach, bottom = (ay < by ? by : ay) + reach;
  const double dx = bx - ax, dy = by - ay, squared = dx * dx + dy * dy;
  const int first_i = floor_of(clamp(left, 0, size)), first_j = floor_of(clamp(top, 0, size));
  const int last_i = floor_of(clamp(right, -1, size - 1)), last_j = floor_of(clamp(bottom, -1, size - 1));
  for (int j = first_j; j <= last_j; ++j)
    for (int i = first_i; i <= last_i; ++i) {
      const double px = i + 0.5 - ax, py = j + 0.5 - ay;
      const double t = squared > 0 ? clamp((px * dx + py * dy) / squared, 0, 1) : 0;
      const double ex = px - t * dx, ey = py - t * dy;
      visit(i, j, exact::sqrt(ex * ex + ey * ey));
    }
}

/// A bent hair as short segments; its coverage is gathered first, so that joints are not darker.
void paint_hair(const Hair& hair, const Density& colour, double width, Film& film,
                std::vector<double>& cover) {
  constexpr int kPieces = 14;
  const double half = 0.5 * film.size, radius = 0.5 * (width < 1.0 ? 1.0 : width);
  const double strength = 0.85 * (width < 1.0 ? width : 1.0);  // thinner than a pixel: paler
  std::vector<std::size_t> touched;
  double last_x = 0, last_y = 0;
  for (int piece = 0; piece <= kPieces; ++piece) {
    const double t = static_cast<double>(piece) / kPieces, s = 1 - t;
    const double x = half * (1 + s * s * hair.from[0] + 2 * s * t * hair.bend[0] + t * t * hair.to[0]);
    const double y = half * (1 + s * s * hair.from[1] + 2 * s * t * hair.bend[1] + t * t * hair.to[1]);
    if (piece > 0)
      near_segment(film.size, last_x, last_y, x, y, radius + 1, [&](int i, int j, double distance) {
        const double here = strength * (1 - smoothstep(radius - 0.5, radius + 0.5, distance));
        const auto at =
            static_cast<std::size_t>(j) * static_cast<std::size_t>(film.size) + static_cast<std::size_t>(i);
        if (here <= cover[at]) return;
        if (cover[at] == 0) touched.push_back(at);
        cover[at] = here;
      });
    last_x = x;
    last_y = y;
  }
  for (const std::size_t at : touched) {
    for (std::size_t c = 0; c < 3; ++c)
      film.rgb[3 * at + c] = lerp(film.rgb[3 * at + c], colour[c], cover[at]);
    cover[at] = 0;
  }
}

/// Millimetre marks along the lower edge.
void paint_ruler(double pixel_mm, Film& film) {
  const double base = 0.955 * film.size, step = 1.0 / pixel_mm;
  int mark = 0;
  for (double x = 0.06 * film.size; x < 0.94 * film.size; x += step, ++mark) {
    const double height = film.size * (mark % 5 == 0 ? 0.075 : 0.045);
    near_segment(film.size, x, base, x, base - height, 1.5, [&](int i, int j, double distance) {
      blend(film, i, j, {0.10, 0.09, 0.10}, 0.7 * (1 - smoothstep(0.2, 1.0, distance)));
    });
  }
}

/// Bright rings with a highlight, where air is caught in the contact gel.
void paint_bubbles(const View& view, Film& film) {
  for (int b = 0; b < view.bubbles; ++b) {
    const std::uint64_t hash = mix(view.seed, b, 77);
    const double x = film.size * unit(hash), y = film.size * unit(mix(hash, 1, 1));
    const double radius = film.size * (0.015 + 0.04 * unit(mix(hash, 2, 1)));
    near_segment(film.size, x, y, x, y, radius + 2, [&](int i, int j, double distance) {
      const double off = distance - radius, ring = 1 - smoothstep(0.0, 1.3, off < 0 ? -off : off);
      const double hx = i + 0.5 - x + 0.4 * radius, hy = j + 0.5 - y + 0.4 * radius;
      const double shine = 1 - smoothstep(0.0, 0.5 * radius, exact::sqrt(hx * hx + hy * hy));
      blend(film, i, j, {0.96, 0.95, 0.95}, 0.30 * ring + 0.55 * (off < 0 ? shine : 0.0));
    });
  }
}

/// A binomial blur of the given strength in one direction; edges repeat.
void blur_along(Film& film, double strength, bool vertical) {
  const int size = film.size;
  const auto step = static_cast<std::size_t>(vertical ? 3 * size : 3);
  const auto line_step = static_cast<std::size_t>(vertical ? 3 : 3 * size);
  const double side = 0.25 * strength, middle = 1 - 2 * side;
  for (int line = 0; line < size; ++line)
    for (std::size_t c = 0; c < 3; ++c) {
      double* value = film.rgb.data() + static_cast<std::size_t>(line) * line_step + c;
      double before = *value;
      for (int k = 0; k < size; ++k, value += step) {
        const double here = *value, after = k + 1 < size ? value[step] : here;
        *value = side * before + middle * here + side * after;
        before = here;
      }
    }
}

}  // namespace

void paint_foreground(const Lesion& lesion, const View& view, Film& film) {
  const double pixel_mm = lesion.signs.diameter_mm / (film.size * view.fraction);
  std::vector<double> cover(film.rgb.size() / 3, 0.0);
  for (const Hair& hair : view.hairs)
    paint_hair(hair, view.hair_colour, clamp(hair.width_mm / pixel_mm, 0.45, 0.03 * film.size), film, cover);
  if (view.ruler) paint_ruler(pixel_mm, film);
  paint_bubbles(view, film);
}

std::vector<std::uint8_t> expose(const View& view, Film& film) {
  blur_along(film, view.blur, false);
  blur_along(film, view.blur, true);
  std::vector<std::uint8_t> rgb(film.rgb.size());
  std::size_t at = 0;
  for (int j = 0; j < film.size; ++j)
    for (int i = 0; i < film.size; ++i) {
      const double u = (2 * i + 1.0) / film.size - 1, v = (2 * j + 1.0) / film.size - 1;
      const double squared = u * u + v * v;
      double light = (1 + view.light_x * u + view.light_y * v) *
                     (1 - view.vignette * 0.5 * squared * (0.5 + 0.5 * squared));
      if (view.tube > 0)
        light *= 1 - 0.93 * smoothstep(view.tube - 0.02, view.tube + 0.04, exact::sqrt(squared));
      for (std::size_t c = 0; c < 3; ++c, ++at) {
        const std::uint64_t hash = mix(view.seed + c, i, j);
        const double grain = view.grain * (unit(hash) + unit(hash << 32) - 1.0) * 1.7;
        const double value = 0.6 + view.contrast * (film.rgb[at] - 0.6);
        rgb[at] = static_cast<std::uint8_t>(255 * clamp(value * light * view.gain[c] + grain, 0, 1) + 0.5);
      }
    }
  return rgb;
}

}  // namespace cohort::data::synth
