// What import tells its user.
#pragma once

#include "cohort/core/log.hpp"
#include "cohort/data/import.hpp"

namespace cohort::data {

/// Warnings that only the finished split can give: unknown groups, samples without a given split, classes
/// missing from a split, files set aside, equal images.
void add_warnings(const Manifest& manifest, ImportReport& report);

/// The class table with its splits, the leak check, digests and warnings.
void log_report(const Manifest& manifest, const ImportReport& report, Log& log);

}  // namespace cohort::data
