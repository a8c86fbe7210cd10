// Dermoscopy-like lesions drawn by the ABCD rule, so that anyone can train without patient data.
#pragma once

#include <cstdint>
#include <filesystem>

#include "cohort/core/log.hpp"

namespace cohort::data {

/// The sizes that a lesion can be drawn in, in pixels.
inline constexpr int kMinDrawnSize = 16, kMaxDrawnSize = 1024;

/// How many lesions to draw, how large and how hard to tell apart.
struct SynthOptions {
  std::filesystem::path output;  ///< folder: images/*.png or jpg, masks/*.png, metadata.csv
  int train_images = 1100;
  int test_images = 500;
  int hidden_images = 500;
  int size = 96;  ///< pixels, square; kMinDrawnSize to kMaxDrawnSize
  std::uint64_t seed = 0;
  double difficulty = 0.5;  ///< 0 = the ABCD signs are plain, 1 = barely there
  int threads = 1;
  bool overwrite = false;
};

/// Draws benign and malignant lesions: asymmetry, border irregularity, colour variety and diameter decide the
/// label together; skin tone, hair, vignette, lighting and position say nothing of it. Several images per
/// lesion and lesions per patient; splits are disjoint by patient. metadata.csv:
/// image_id,lesion_id,patient_id,dx,split,asymmetry,border, colour,diameter_mm,skin_tone. Equal options give
/// equal images on every machine and thread count.
void synthesize(const SynthOptions& options, Log& log);

}  // namespace cohort::data
