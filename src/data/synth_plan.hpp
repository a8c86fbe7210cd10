// Who and what is photographed how often: patients, their lesions, the lesions' images, split by split.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohort/core/philox.hpp"
#include "cohort/data/manifest.hpp"
#include "cohort/data/synth.hpp"

namespace cohort::data::synth {

/// One lesion of one patient and how many images show it.
struct PlannedLesion {
  Split split = Split::train;
  int patient = 0;  ///< counts within the split
  int lesion = 0;   ///< counts within the patient
  int images = 0;
  bool malignant = false;
  std::int64_t first_image = 0;  ///< counts over the whole set
  std::string patient_id, lesion_id;
};

/// All lesions of all splits, in the order in which they are drawn.
///
/// Ensures each split has exactly the images asked for; the classes' image counts within a split differ by at
/// most three; no patient stands in two splits; a split's plan depends on its own count and the seed alone,
/// except for the running numbers in the ids.
std::vector<PlannedLesion> plan_lesions(const SynthOptions& options);

std::string image_id(std::int64_t index);

/// What a random sequence of a drawing is for.
enum class Purpose : std::uint64_t { plan = 0, person = 1, signs = 2, lesion = 3, view = 4 };

RandomSequence sequence_for(std::uint64_t seed, Purpose purpose, Split split, int patient = 0, int lesion = 0,
                            int view = 0);

}  // namespace cohort::data::synth
