// Tables as text: aligned columns for a console.
#pragma once

#include <string>
#include <vector>

namespace cohort::report {

/// Cells as text. Short rows are filled with empty cells.
struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

/// Columns aligned with spaces, a rule below the header, each line ended by a newline. A column whose cells
/// are all numbers (or empty, "-", a percentage) stands to the right. Widths count characters, not bytes, of
/// UTF-8.
std::string console_table(const Table& table);

}  // namespace cohort::report
