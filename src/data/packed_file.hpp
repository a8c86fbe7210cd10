// The contents of a packed file, checked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/core/shape.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/store/mapped_file.hpp"

namespace cohort::data {

struct PackedFile {
  std::filesystem::path path;
  store::MappedFile map;
  std::span<const std::uint8_t> pixels;  ///< inside `map`
  Shape shape;
  std::vector<std::int32_t> labels;
  std::vector<std::uint8_t> splits;
  std::vector<Digest> records;
  std::vector<std::string> ids, classes;
  std::vector<std::string> column_names;  ///< lesion, patient, then the extra ones
  std::vector<std::vector<std::string>> columns;
  Normalization normalization;
  Digest digest{};
};

/// Throws DataError naming file and problem.
PackedFile open_packed(const std::filesystem::path& path);

/// Makes every record again from pixels and fields. Throws DataError naming samples that do not fit theirs.
void verify_records(const PackedFile& file);

}  // namespace cohort::data
