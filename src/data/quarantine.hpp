// Takes out what cannot be used, and finds images that are the same.
#pragma once

#include <utility>
#include <vector>

#include "cohort/data/import.hpp"
#include "data/decode.hpp"

namespace cohort::data {

/// The samples that remain, each with its slot in the scratch file.
struct UsableSamples {
  Manifest manifest;
  std::vector<std::size_t> slots;
  std::vector<DecodedImage> decoded;
  std::vector<std::pair<int, int>> identical;  ///< pairs of equal images, as positions in the manifest
};

/// Refuses or removes unreadable images, then removes equal images whose labels differ. Adds to the report
/// what was removed and what is equal. Throws DataError listing all unreadable files, or when a class is left
/// without a sample.
UsableSamples take_usable(Manifest manifest, std::vector<DecodedImage> decoded, BrokenFiles broken,
                          ImportReport& report);

}  // namespace cohort::data
