// Five small samples, and a packed file of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "cohort/data/dataset.hpp"

namespace cohort::data::testing {

namespace fs = std::filesystem;

inline constexpr int kCount = 5, kHeight = 3, kWidth = 4;

inline PackOptions pack_options() {
  PackOptions pack;
  pack.image = {3, kHeight, kWidth};
  pack.classes = {"benign", "malignant"};
  pack.columns = {"site", "age/years"};
  pack.normalization = {{0.7, 0.5, 0.4}, {0.2, 0.25, 0.3}};
  pack.import_command = "made by a test";
  return pack;
}

inline PackedSample sample_of(std::int64_t index) {
  PackedSample sample;
  sample.id = "image" + std::to_string(index);
  sample.lesion = index < 2 ? "L1" : "";
  sample.patient = index == 4 ? "M\xC3\xBCller" : "";
  sample.extra = {index % 2 ? "a" : "b", ""};
  sample.label = static_cast<std::int32_t>(index % 2);
  sample.split = static_cast<Split>(index % 3);
  for (int i = 0; i < kHeight * kWidth * 3; ++i)
    sample.pixels.push_back(static_cast<std::uint8_t>(index * 40 + i));
  return sample;
}

inline Digest pack(const fs::path& path, const PackOptions& options = pack_options(),
                   std::int64_t count = kCount) {
  PackedSample current;
  return write_packed(path, options, count, [&](std::int64_t index) -> const PackedSample& {
    current = sample_of(index);
    return current;
  });
}

}  // namespace cohort::data::testing
