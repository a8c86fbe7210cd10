// Numbers, tables and file names as people read them.
#pragma once

#include <filesystem>
#include <string>

#include "cohort/report/table.hpp"

namespace cohort::app {

/// The table for a console, without a newline at the end.
std::string table_text(const report::Table& table);

/// "data/ham.h5", ".hidden.h5" → "data/ham.hidden.h5".
std::string sibling(const std::filesystem::path& file, const std::string& ending);

/// "1.4 GiB"
std::string human_bytes(double bytes);
/// "11.18 M"
std::string human_count(double count);
/// "1:02:03", "41 s".
std::string human_duration(double seconds);

}  // namespace cohort::app
