// Strict RFC 4180 tables with a header row.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::data {

/// A table as text, row by row; every row has as many fields as the header.
struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::int64_t> lines;  ///< line of the file where each row starts, counted from 1
  /// Index of a column by name, or nothing.
  [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const;
};

/// Reads the whole file; quotes, embedded newlines, CRLF and a UTF-8 byte-order mark are understood, blank
/// lines of tables with several columns are skipped. Throws DataError naming file and line: a missing or
/// empty file, text that is not UTF-8, stray quotes, a column name that stands twice, and every row with
/// another number of fields than the header.
CsvTable read_csv(const std::filesystem::path& path);

/// One line, without a line end; fields with commas, quotes or newlines are quoted.
std::string csv_line(std::span<const std::string> fields);

}  // namespace cohort::data
