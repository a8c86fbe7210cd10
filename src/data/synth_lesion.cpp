#include "data/synth_lesion.hpp"

#include <utility>

#include "cohort/core/exact_math.hpp"
#include "data/synth_field.hpp"
#include "data/synth_shape.hpp"

namespace cohort::data::synth {
namespace {

// The six colours that the rule counts, as optical densities over the skin.
constexpr std::array<Density, 6> kPalette = {{
    {-0.12, -0.14, -0.14},  // white: regression, paler than the skin
    {0.22, 0.74, 0.60},     // red: blood
    {0.26, 0.52, 0.78},     // light brown: melanin near the surface
    {0.75, 1.15, 1.40},     // dark brown
    {1.02, 0.92, 0.74},     // blue-grey: melanin deep in the skin
    {1.70, 1.90, 1.90},     // black
}};
constexpr std::array<double, 6> kBaseShare = {0.0, 0.13, 0.38, 0.29, 0.12, 0.08};
constexpr std::array<double, 6> kPatchShare = {0.5, 0.7, 0.8, 0.9, 0.8, 0.8};

int pick(RandomSequence& random, const std::array<double, 6>& share) {
  double total = 0;
  for (const double s : share) total += s;
  double left = random.uniform() * total;
  for (int i = 0; i < 5; ++i) {
    left -= share[static_cast<std::size_t>(i)];
    if (left < 0 && share[static_cast<std::size_t>(i)] > 0) return i;
  }
  return 5;
}

double luma(const Density& d) {
  return 0.3 * d[0] + 0.5 * d[1] + 0.2 * d[2];
}

void add_colours(RandomSequence& random, Lesion& lesion, double vividness) {
  std::array<double, 6> share = kPatchShare;
  const int base = pick(random, kBaseShare);
  lesion.base = kPalette[static_cast<std::size_t>(base)];
  share[static_cast<std::size_t>(base)] = 0;
  const int extra = lesion.signs.colours - 1;
  const double eccentric = 0.5 * lesion.signs.asymmetry;
  const double start = random.uniform(0, 2 * exact::kPi);
  for (int i = 0; i < extra; ++i) {
    const int colour = pick(random, share);
    share[static_cast<std::size_t>(colour)] = 0;
    const double angle = start + 2 * exact::kPi * (i + random.uniform(-0.25, 0.25)) / extra;
    const double distance = (0.08 + 0.92 * eccentric) * random.uniform(0.42, 0.68);
    Patch patch;
    // A patch differs from the base by as much as the difficulty leaves of its colour.
    const double strength = vividness * random.uniform(0.70, 1.0);
    for (std::size_t c = 0; c < 3; ++c)
      patch.density[c] = lerp(lesion.base[c], kPalette[static_cast<std::size_t>(colour)][c], strength);
    patch.x = distance * exact::cos(angle);
    patch.y = distance * exact::sin(angle);
    const double centred = clamp(0.85 - 0.5 * (i + 0.6) / extra, 0.25, 0.7);
    const double aside = random.uniform(0.34, 0.50) - 0.025 * extra;
    patch.radius = lerp(centred, aside, smoothstep(0.15, 0.55, eccentric));
    // One draw per statement wherever a drawing takes two: arguments have no order of evaluation.
    const double narrow = random.uniform(0.12, 0.28);
    const double wide = random.uniform(0.20, 0.36);
    patch.feather = lerp(wide, narrow, eccentric);
    patch.wander = 0.26 + 0.24 * eccentric;
    patch.seed = random.next_u64();
    lesion.patches.push_back(patch);
  }
}

/// Scales all pigment so that the mean density over the lesion is `target`: how dark a lesion is says
/// nothing.
void set_mean_density(Lesion& lesion, double target) {
  double sum = 0;
  int count = 0;
  for (int j = 0; j < 40; ++j)
    for (int i = 0; i < 40; ++i) {
      const double x = (i + 0.5) / 20 - 1, y = (j + 0.5) / 20 - 1;
      const double rho = exact::sqrt(x * x + y * y) / at_angle(lesion.outline, x, y);
      if (rho > 1) continue;
      sum += luma(pigment_at(lesion, x, y, rho));
      ++count;
    }
  const double scale = clamp(target * count / (sum > 0.05 * count ? sum : 0.05 * count), 0.45, 2.2);
  for (double& d : lesion.base) d *= scale;
  for (Patch& patch : lesion.patches)
    for (double& d : patch.density) d *= d > 0 ? scale : 1.0;
}

}  // namespace

double total_score(const Signs& signs) {
  return 1.3 * signs.asymmetry + 0.1 * signs.border + 0.5 * signs.colours +
         0.5 * clamp(signs.diameter_mm / 2.5, 1.0, 5.0);
}

double score_margin(double difficulty) {
  return 0.7 * (1.0 - difficulty);
}

Person draw_person(RandomSequence random) {
  Person person;
  const double melanin = random.uniform();
  person.tone = melanin * (0.35 + 0.65 * melanin);  // fair skin is more frequent, as in published collections
  person.flush = random.uniform();
  person.hairiness = random.uniform() < 0.35 ? 0.0 : random.uniform();
  person.hair_light = person.tone > 0.45 ? 0.0 : (random.uniform() < 0.3 ? random.uniform(0.4, 1.0) : 0.1);
  person.freckles = random.uniform() < 0.7 ? 0.0 : random.uniform();
  return person;
}

Signs draw_signs(RandomSequence& random, bool malignant, double difficulty) {
  const double gap = (malignant ? 1.0 : -1.0) * lerp(2.1, 0.7, difficulty);
  const double margin = score_margin(difficulty);
  for (;;) {
    Signs signs;
    signs.malignant = malignant;
    const auto latent = [&] { return gap + 0.88 * random.normal(); };
    signs.asymmetry = clamp(1.05 + 0.58 * latent(), 0.0, 2.0);
    signs.border = floor_of(clamp(4.0 + 2.2 * latent(), 0.0, 8.0) + 0.5);
    signs.colours = floor_of(clamp(2.8 + 1.2 * latent(), 1.0, 6.0) + 0.5);
    signs.diameter_mm = clamp(7.2 + 1.5 * latent(), 2.5, 14.0);
    const double distance = (total_score(signs) - kScoreThreshold) * (malignant ? 1.0 : -1.0);
    if (distance > margin && distance > 0) return signs;
  }
}

Lesion draw_lesion(RandomSequence random, const Signs& signs, double difficulty) {
  const double vividness = lerp(1.25, 0.70, difficulty);
  Lesion lesion;
  lesion.signs = signs;
  lesion.seed = random.next_u64();
  draw_outline(random, lesion, lerp(1.4, 0.75, difficulty));
  add_colours(random, lesion, clamp(vividness, 0.0, 1.0));
  lesion.shading = random.uniform(-0.25, 0.45);
  lesion.mottling = random.uniform(0.25, 0.75);
  lesion.network = random.uniform() < 0.35 ? 0.0 : random.uniform(0.25, 0.8);
  lesion.network_pitch_mm = random.uniform(0.26, 0.40);
  lesion.globules = random.uniform() < 0.55 ? 0.0 : random.uniform(0.3, 0.9);
  lesion.disorder = clamp(0.15 + 0.35 * signs.asymmetry + random.uniform(-0.15, 0.15), 0.0, 0.9);
  lesion.frame_fraction = random.uniform(0.42, 0.60);
  set_mean_density(lesion, random.uniform(0.45, 1.15));
  return lesion;
}

double at_angle(const std::array<double, kAngles>& table, double x, double y) {
  const double turn = (exact::atan2(y, x) / (2 * exact::kPi) + 1.0) * kAngles;
  const int below = static_cast<int>(turn);
  const double t = turn - below;
  return lerp(table[static_cast<std::size_t>(below % kAngles)],
              table[static_cast<std::size_t>((below + 1) % kAngles)], t);
}

Density pigment_at(const Lesion& lesion, double x, double y, double rho) {
  Density density = lesion.base;
  const double shade = 1.0 + lesion.shading * (0.5 - rho * rho);
  for (double& d : density) d *= shade;
  for (const Patch& patch : lesion.patches) {
    const double dx = x - patch.x, dy = y - patch.y;
    const double edge = patch.radius - exact::sqrt(dx * dx + dy * dy);
    if (edge < -patch.wander - patch.feather) continue;
    const double moved = edge + patch.wander * fractal_noise(patch.seed, 2.2 * x, 2.2 * y, 4);
    const double weight = smoothstep(-patch.feather, patch.feather, moved);
    for (std::size_t c = 0; c < 3; ++c) density[c] = lerp(density[c], patch.density[c], weight);
  }
  return density;
}

}  // namespace cohort::data::synth
