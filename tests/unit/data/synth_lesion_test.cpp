// What the drawings show of the signs, measured from masks and pixels alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "cohort/core/exact_math.hpp"
#include "data/synth_plan.hpp"
#include "data/synth_view.hpp"

namespace cohort::data::synth {
namespace {

constexpr int kSize = 64;

struct Drawn {
  Signs signs;
  View view;
  Picture picture;
};

/// One image of each of `count` lesions, half of them malignant.
std::vector<Drawn> draw_lesions(int count, double difficulty) {
  std::vector<Drawn> all;
  for (int i = 0; i < count; ++i) {
    const Person person = draw_person(sequence_for(1, Purpose::person, Split::train, i));
    RandomSequence random = sequence_for(1, Purpose::signs, Split::train, i);
    const Signs signs = draw_signs(random, i % 2 == 1, difficulty);
    const Lesion lesion = draw_lesion(sequence_for(1, Purpose::lesion, Split::train, i), signs, difficulty);
    const View view = draw_view(sequence_for(1, Purpose::view, Split::train, i), person, lesion);
    all.push_back({signs, view, paint(person, lesion, view, kSize)});
  }
  return all;
}

double mask_area(const Drawn& drawn) {
  return static_cast<double>(std::count(drawn.picture.mask.begin(), drawn.picture.mask.end(), 255));
}

/// Share of the mask that its mirror image misses, for the best of 18 mirror lines through its centre.
double mask_asymmetry(const Drawn& drawn) {
  const double area = mask_area(drawn);
  double x0 = 0, y0 = 0;
  const auto at = [&](int i, int j) {
    return drawn.picture.mask[static_cast<std::size_t>(j * kSize + i)] == 255;
  };
  for (int j = 0; j < kSize; ++j)
    for (int i = 0; i < kSize; ++i)
      if (at(i, j)) {
        x0 += i / area;
        y0 += j / area;
      }
  double best = 1;
  for (int line = 0; line < 18; ++line) {
    const double c = exact::cos(exact::kPi * line / 9),
                 s = exact::sin(exact::kPi * line / 9);  // of twice the angle
    int missed = 0;
    for (int j = 0; j < kSize; ++j)
      for (int i = 0; i < kSize; ++i) {
        if (!at(i, j)) continue;
        const int mi = static_cast<int>(std::lround(x0 + c * (i - x0) + s * (j - y0)));
        const int mj = static_cast<int>(std::lround(y0 + s * (i - x0) - c * (j - y0)));
        missed += mi < 0 || mj < 0 || mi >= kSize || mj >= kSize || !at(mi, mj) ? 1 : 0;
      }
    best = std::min(best, missed / area);
  }
  return best;
}

/// Length of the outline over that of the circle of the same area.
double mask_roughness(const Drawn& drawn) {
  int edges = 0;
  for (int j = 0; j + 1 < kSize; ++j)
    for (int i = 0; i + 1 < kSize; ++i) {
      const auto at = static_cast<std::size_t>(j * kSize + i);
      edges += drawn.picture.mask[at] != drawn.picture.mask[at + 1] ? 1 : 0;
      edges += drawn.picture.mask[at] != drawn.picture.mask[at + kSize] ? 1 : 0;
    }
  return edges / std::sqrt(mask_area(drawn));
}

double mean_brightness(const Drawn& drawn) {
  double sum = 0;
  for (const std::uint8_t value : drawn.picture.rgb) sum += value;
  return sum / static_cast<double>(drawn.picture.rgb.size());
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sa += a[i];
    sb += b[i];
    saa += a[i] * a[i];
    sbb += b[i] * b[i];
    sab += a[i] * b[i];
  }
  return (sab - sa * sb / n) / std::sqrt((saa - sa * sa / n) * (sbb - sb * sb / n));
}

template <typename Measure>
std::vector<double> measure(const std::vector<Drawn>& all, Measure of) {
  std::vector<double> values;
  for (const Drawn& drawn : all) values.push_back(of(drawn));
  return values;
}

double is_malignant(const Drawn& drawn) {
  return drawn.signs.malignant ? 1 : 0;
}

class SynthLesion : public ::testing::Test {
 protected:
  static const std::vector<Drawn>& lesions() {
    static const std::vector<Drawn> all = draw_lesions(160, 0.5);
    return all;
  }
};

TEST_F(SynthLesion, ShowsItsSignsInTheMask) {
  const auto asymmetry = measure(lesions(), [](const Drawn& d) { return d.signs.asymmetry; });
  EXPECT_GT(correlation(asymmetry, measure(lesions(), mask_asymmetry)), 0.6);
  const auto border = measure(lesions(), [](const Drawn& d) { return static_cast<double>(d.signs.border); });
  EXPECT_GT(correlation(border, measure(lesions(), mask_roughness)), 0.6);
  const auto diameter = measure(lesions(), [](const Drawn& d) { return d.signs.diameter_mm; });
  const auto measured = measure(lesions(), [](const Drawn& d) {
    const double pixel_mm = d.signs.diameter_mm / (kSize * d.view.fraction);
    return 2 * std::sqrt(mask_area(d) / exact::kPi) * pixel_mm;
  });
  EXPECT_GT(correlation(diameter, measured), 0.95);
}

TEST_F(SynthLesion, HidesTheLabelFromBrightnessAndSize) {
  const auto label = measure(lesions(), is_malignant);
  EXPECT_LT(std::abs(correlation(label, measure(lesions(), mean_brightness))), 0.2);
  EXPECT_LT(std::abs(correlation(label, measure(lesions(), mask_area))), 0.2);
  EXPECT_LT(std::abs(correlation(label, measure(lesions(), [](const Drawn& d) { return d.view.centre_x; }))),
            0.2);
}

TEST_F(SynthLesion, NeedsMoreThanOneSignForTheLabel) {
  // No single sign separates the classes; the score does, with its margin.
  for (const auto& sign : {measure(lesions(), [](const Drawn& d) { return double(d.signs.border); }),
                           measure(lesions(), [](const Drawn& d) { return double(d.signs.colours); }),
                           measure(lesions(), [](const Drawn& d) { return d.signs.diameter_mm; }),
                           measure(lesions(), [](const Drawn& d) { return d.signs.asymmetry; })}) {
    double highest_benign = -1, lowest_malignant = 1e9;
    for (std::size_t i = 0; i < sign.size(); ++i)
      (lesions()[i].signs.malignant ? lowest_malignant : highest_benign) =
          lesions()[i].signs.malignant ? std::min(lowest_malignant, sign[i])
                                       : std::max(highest_benign, sign[i]);
    EXPECT_LT(lowest_malignant, highest_benign);
  }
  for (const Drawn& drawn : lesions()) {
    const double distance = total_score(drawn.signs) - kScoreThreshold;
    EXPECT_GT(drawn.signs.malignant ? distance : -distance, score_margin(0.5));
  }
}

TEST(SynthDifficulty, MovesTheScoresTogether) {
  const auto gap = [](double difficulty) {
    double sum = 0;
    for (int i = 0; i < 200; ++i) {
      RandomSequence random = sequence_for(2, Purpose::signs, Split::test, i);
      sum += total_score(draw_signs(random, true, difficulty)) -
             total_score(draw_signs(random, false, difficulty));
    }
    return sum / 200;
  };
  EXPECT_GT(gap(0.0), gap(0.5) + 0.5);
  EXPECT_GT(gap(0.5), gap(1.0) + 0.5);
  EXPECT_GT(gap(1.0), 0.0);
}

TEST(SynthPlan, KeepsPatientsApartAndClassesEven) {
  SynthOptions options;
  const std::vector<PlannedLesion> plan = plan_lesions(options);
  std::array<std::set<std::string>, kSplits> patients;
  std::array<std::array<int, 2>, kSplits> images{};
  std::set<std::string> lesions;
  std::int64_t next = 1;
  int several_images = 0;
  for (const PlannedLesion& lesion : plan) {
    const auto split = static_cast<std::size_t>(lesion.split);
    patients[split].insert(lesion.patient_id);
    images[split][lesion.malignant ? 1 : 0] += lesion.images;
    EXPECT_TRUE(lesions.insert(lesion.lesion_id).second);
    EXPECT_EQ(lesion.first_image, next);
    next += lesion.images;
    several_images += lesion.images > 1 ? 1 : 0;
  }
  const std::size_t train = 0, test = 2, hidden = 3;
  EXPECT_EQ(images[train][0] + images[train][1], options.train_images);
  EXPECT_EQ(images[test][0] + images[test][1], options.test_images);
  EXPECT_EQ(images[hidden][0] + images[hidden][1], options.hidden_images);
  for (const std::size_t split : {train, test, hidden}) {
    EXPECT_LE(std::abs(images[split][0] - images[split][1]), 3);
    EXPECT_LT(patients[split].size(), static_cast<std::size_t>(images[split][0]));
  }
  for (const std::string& patient : patients[train]) {
    EXPECT_FALSE(patients[test].contains(patient));
    EXPECT_FALSE(patients[hidden].contains(patient));
  }
  EXPECT_GT(several_images, 300);
}

TEST(SynthPlan, DrawsASplitWhateverTheOthersHold) {
  SynthOptions options;
  options.train_images = 5;
  options.hidden_images = 0;
  const auto of_test = [](const std::vector<PlannedLesion>& plan) {
    std::vector<std::array<int, 4>> result;
    for (const PlannedLesion& l : plan)
      if (l.split == Split::test) result.push_back({l.patient, l.lesion, l.images, l.malignant ? 1 : 0});
    return result;
  };
  EXPECT_EQ(of_test(plan_lesions(options)), of_test(plan_lesions(SynthOptions{})));
}

}  // namespace
}  // namespace cohort::data::synth
