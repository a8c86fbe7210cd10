// What an import may write over, and what it may not.
#pragma once

#include <string_view>

#include "cohort/data/import.hpp"

namespace cohort::data {

/// How a list of quarantined files begins, and how one is known.
inline constexpr std::string_view kQuarantineHeader = "file,reason\n";

/// Looks at the three files that an import writes before any work is done. Throws UsageError where their
/// names cannot be used, where one of them is the source table or a joined table, and where one exists that
/// may not be replaced: none without `overwrite`, and of the name of the list nothing but such a list.
void check_outputs(const ImportOptions& options);

/// Throws UsageError where one of the three files is an image of the source.
void refuse_images_as_outputs(const ImportOptions& options, const Manifest& manifest);

}  // namespace cohort::data
