// Names inside a packed file, shared by its writer and its reader (docs/formats.md, "Packed data set").
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "cohort/core/text.hpp"

namespace cohort::data::layout {

inline constexpr std::string_view kFormatName = "cohort-dataset";
inline constexpr std::string_view kImages = "images";
inline constexpr std::string_view kLabels = "labels";
inline constexpr std::string_view kSplits = "splits";
inline constexpr std::string_view kRecords = "records";
inline constexpr std::string_view kIds = "ids";
inline constexpr std::string_view kLesions = "lesions";
inline constexpr std::string_view kPatients = "patients";
inline constexpr std::string_view kClasses = "classes";
inline constexpr std::string_view kColumnNames = "column_names";

/// What a data set calls its own columns; extra ones have other names.
inline constexpr std::array<std::string_view, 2> kOwnColumns{"lesion", "patient"};

/// Columns stand under their number, since a name may hold a slash.
inline std::string column(std::size_t index) {
  return concat("columns/", index);
}

}  // namespace cohort::data::layout
