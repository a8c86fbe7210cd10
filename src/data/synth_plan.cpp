#include "data/synth_plan.hpp"

#include <algorithm>

#include "cohort/core/text.hpp"

namespace cohort::data::synth {
namespace {

constexpr int kMaxLesionsPerPatient = 3;
constexpr int kMaxImagesPerLesion = 3;

std::string numbered(const char* prefix, std::int64_t number) {
  const std::string digits = concat(number);
  return concat(prefix, std::string(digits.size() < 7 ? 7 - digits.size() : 0, '0'), digits);
}

struct Counters {
  std::int64_t patients = 0, lesions = 0, images = 0;
};

void plan_split(Split split, int wanted, std::uint64_t seed, Counters& counters,
                std::vector<PlannedLesion>& plan) {
  RandomSequence random = sequence_for(seed, Purpose::plan, split);
  int of_class[2] = {0, 0};
  for (int patient = 0; of_class[0] + of_class[1] < wanted; ++patient) {
    ++counters.patients;
    const int lesions = 1 + static_cast<int>(random.below(kMaxLesionsPerPatient));
    for (int lesion = 0; lesion < lesions && of_class[0] + of_class[1] < wanted; ++lesion) {
      const int views = 1 + static_cast<int>(random.below(kMaxImagesPerLesion));
      const bool coin = random.below(2) == 1;
      PlannedLesion planned;
      planned.split = split;
      planned.patient = patient;
      planned.lesion = lesion;
      planned.images = std::min(views, wanted - of_class[0] - of_class[1]);
      planned.malignant = of_class[0] == of_class[1] ? coin : of_class[1] < of_class[0];
      planned.first_image = counters.images + 1;
      planned.patient_id = numbered("SYP_", counters.patients);
      planned.lesion_id = numbered("SYL_", ++counters.lesions);
      counters.images += planned.images;
      of_class[planned.malignant ? 1 : 0] += planned.images;
      plan.push_back(planned);
    }
  }
}

}  // namespace

std::vector<PlannedLesion> plan_lesions(const SynthOptions& options) {
  std::vector<PlannedLesion> plan;
  Counters counters;
  plan_split(Split::train, options.train_images, options.seed, counters, plan);
  plan_split(Split::test, options.test_images, options.seed, counters, plan);
  plan_split(Split::hidden, options.hidden_images, options.seed, counters, plan);
  return plan;
}

std::string image_id(std::int64_t index) {
  return numbered("SYN_", index);
}

RandomSequence sequence_for(std::uint64_t seed, Purpose purpose, Split split, int patient, int lesion,
                            int view) {
  const std::uint64_t draw = (static_cast<std::uint64_t>(purpose) << 56) |
                             (static_cast<std::uint64_t>(split) << 48) |
                             (static_cast<std::uint64_t>(patient) << 16) |
                             (static_cast<std::uint64_t>(lesion) << 8) | static_cast<std::uint64_t>(view);
  return RandomSequence(seed, Stream::synthetic_images, draw);
}

}  // namespace cohort::data::synth
