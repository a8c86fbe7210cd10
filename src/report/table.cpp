#include "cohort/report/table.hpp"

#include <algorithm>
#include <string_view>

#include "cohort/core/text.hpp"

namespace cohort::report {
namespace {

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::size_t columns_of(const Table& table) {
  std::size_t columns = table.header.size();
  for (const auto& row : table.rows) columns = std::max(columns, row.size());
  return columns;
}

std::string cell(const std::vector<std::string>& row, std::size_t column) {
  std::string text = column < row.size() ? row[column] : std::string();
  for (char& c : text)
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  return text;
}

bool looks_like_a_number(std::string_view text) {
  if (text.ends_with('%')) text.remove_suffix(1);
  return parse_double(trim(text)).has_value();
}

struct Column {
  std::size_t width = 0;
  bool right = false;
};

std::vector<Column> measure(const Table& table, const std::vector<std::vector<std::string>>& lines) {
  std::vector<Column> columns(columns_of(table));
  for (std::size_t c = 0; c < columns.size(); ++c) {
    bool any_number = false, all_numbers = true;
    for (std::size_t r = 0; r < lines.size(); ++r) {
      const std::string& text = lines[r][c];
      columns[c].width = std::max(columns[c].width, characters(text));
      if (r == 0 || text.empty() || text == "-") continue;
      (looks_like_a_number(text) ? any_number : all_numbers) = looks_like_a_number(text);
    }
    columns[c].right = any_number && all_numbers;
  }
  return columns;
}

/// Header first; every line has every column.
std::vector<std::vector<std::string>> lines_of(const Table& table) {
  std::vector<std::vector<std::string>> lines;
  const std::size_t columns = columns_of(table);
  const auto add = [&](const std::vector<std::string>& row) {
    std::vector<std::string> line;
    for (std::size_t c = 0; c < columns; ++c) line.push_back(cell(row, c));
    lines.push_back(std::move(line));
  };
  add(table.header);
  for (const auto& row : table.rows) add(row);
  return lines;
}

std::string padded(const std::string& text, const Column& column) {
  const std::string space(column.width - std::min(column.width, characters(text)), ' ');
  return column.right ? space + text : text + space;
}

}  // namespace

std::string console_table(const Table& table) {
  const auto lines = lines_of(table);
  const std::vector<Column> columns = measure(table, lines);
  std::string result;
  const auto end_line = [&] {
    result.erase(result.find_last_not_of(' ') + 1);
    result += '\n';
  };
  for (std::size_t r = 0; r < lines.size(); ++r) {
    for (std::size_t c = 0; c < columns.size(); ++c)
      result += (c > 0 ? "  " : "") + padded(lines[r][c], columns[c]);
    end_line();
    if (r > 0) continue;
    for (std::size_t c = 0; c < columns.size(); ++c)
      result += (c > 0 ? "  " : "") + std::string(columns[c].width, '-');
    end_line();
  }
  return result;
}

}  // namespace cohort::report
