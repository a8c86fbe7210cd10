// What a packed file vouches for, one digest for each sample (docs/formats.md, "Packed data set").
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "cohort/core/digest.hpp"

namespace cohort::data {

struct SampleFields {
  std::string_view id, class_name, lesion, patient;
  int height = 0, width = 0;
};

/// SHA-256 over the fields and the pixels' own SHA-256. The split is left out on purpose: samples keep their
/// records when they are split anew.
Digest sample_record(const SampleFields& fields, const Digest& pixel_digest);

}  // namespace cohort::data
