// Decodes all images of a manifest on several threads.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/core/log.hpp"
#include "cohort/data/manifest.hpp"
#include "data/scratch_file.hpp"

namespace cohort::data {

/// What import needs to know of one image once its pixels lie in the scratch file.
struct DecodedImage {
  std::string problem;  ///< why it cannot be used; empty when all is well
  Digest pixel_digest{};
  std::array<std::uint64_t, 3> sums{}, square_sums{};  ///< per colour channel
};

/// Reads, crops and resamples every image into its slot. The result does not depend on `threads`.
/// Throws Error when the scratch file cannot be written or a signal asked to stop.
std::vector<DecodedImage> decode_images(const std::vector<Sample>& samples, int size, int threads,
                                        const ScratchFile& scratch, Log& log);

}  // namespace cohort::data
