// Strict RFC 4180 tables with a header row.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::data {

struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  /// Index of a column by name, or nothing.
  [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const;
};

/// Reads the whole file; quotes, embedded newlines, CRLF and a UTF-8 byte-order mark are understood.
/// Throws DataError naming file and row when a row has another number of fields than the header.
CsvTable read_csv(const std::filesystem::path& path);

/// One line; fields with commas, quotes or newlines are quoted.
std::string csv_line(std::span<const std::string> fields);

}  // namespace cohort::data
