// Importing in silence, and what the report says.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "cohort/core/log.hpp"
#include "cohort/data/import.hpp"
#include "unit/data/support.hpp"

namespace cohort::data::testing {

inline ImportReport import(const ImportOptions& options) {
  Log log(true);
  log.set_quiet(true);
  return import_images(options, log);
}

inline bool warns(const ImportReport& report, std::string_view part) {
  return std::ranges::any_of(report.warnings, [&](const std::string& text) { return contains(text, part); });
}

}  // namespace cohort::data::testing
