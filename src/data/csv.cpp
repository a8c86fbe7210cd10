#include "cohort/data/csv.hpp"

#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/utf8.hpp"
#include "cohort/store/atomic_file.hpp"
#include "data/problems.hpp"

namespace cohort::data {
namespace {

/// Takes a text apart into rows of fields.
class RowReader {
 public:
  RowReader(std::string_view text, std::string name) : text_(text), name_(std::move(name)) {}

  /// Line at which the next row starts.
  [[nodiscard]] std::int64_t line() const { return line_; }

  /// False at the end of the text.
  bool next(std::vector<std::string>& fields) {
    fields.clear();
    if (at_end()) return false;
    while (true) {
      fields.push_back(text_[position_] == '"' ? quoted_field() : plain_field());
      if (at_end()) return true;
      if (text_[position_] != ',') break;
      ++position_;
      if (at_end()) {  // the comma was the last character: one more field, empty
        fields.emplace_back();
        return true;
      }
    }
    if (text_[position_] == '\r') ++position_;
    if (at_end() || text_[position_] != '\n') fail("a carriage return that ends no line");
    ++position_;
    ++line_;
    return true;
  }

 private:
  [[nodiscard]] bool at_end() const { return position_ == text_.size(); }

  [[noreturn]] void fail(const std::string& problem) const {
    throw DataError(concat("read table ", name_, ": line ", line_, ": ", problem,
                           "; save it as CSV (comma separated, UTF-8, quotes doubled inside quotes)"));
  }

  std::string plain_field() {
    const std::size_t end = std::min(text_.find_first_of(",\r\n\"", position_), text_.size());
    if (end < text_.size() && text_[end] == '"') fail("a quote inside a field that is not quoted");
    std::string field(text_.substr(position_, end - position_));
    position_ = end;
    return field;
  }

  std::string quoted_field() {
    const std::int64_t opened_at = line_;
    std::string field;
    for (++position_; !at_end(); ++position_) {
      const char c = text_[position_];
      if (c == '\n') ++line_;
      if (c == '"') {
        ++position_;
        if (at_end() || text_[position_] != '"') return after_quote(std::move(field));
      }
      field += c;
    }
    line_ = opened_at;
    fail("a quote is opened and never closed");
  }

  std::string after_quote(std::string field) const {
    if (!at_end() && std::string_view(",\r\n").find(text_[position_]) == std::string_view::npos) {
      fail("text after a closing quote");
    }
    return field;
  }

  std::string_view text_;
  std::string name_;
  std::size_t position_ = 0;
  std::int64_t line_ = 1;
};

std::string load(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    throw DataError(concat("read table ", path.string(), ": there is no such file"));
  }
  std::string text = store::read_text(path);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  if (!is_utf8(text) || text.find('\0') != std::string::npos) {
    throw DataError(concat("read table ", path.string(), ": the text is not UTF-8; save it as CSV UTF-8"));
  }
  return text;
}

void check_header(const std::vector<std::string>& header, Problems& problems) {
  std::vector<std::string> sorted = header;
  std::ranges::sort(sorted);
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (!sorted[i].empty() && sorted[i] == sorted[i - 1]) {
      problems.add(concat("column '", sorted[i], "' stands twice in the header"));
    }
  }
}

}  // namespace

std::optional<std::size_t> CsvTable::column(std::string_view name) const {
  const auto found = std::ranges::find(header, name);
  if (found == header.end()) return std::nullopt;
  return static_cast<std::size_t>(found - header.begin());
}

CsvTable read_csv(const std::filesystem::path& path) {
  const std::string text = load(path);
  RowReader reader(text, path.string());
  CsvTable table;
  Problems problems(concat("read table ", path.string()));
  if (!reader.next(table.header)) problems.add("the file is empty");
  check_header(table.header, problems);

  std::vector<std::string> fields;
  for (std::int64_t line = reader.line(); reader.next(fields); line = reader.line()) {
    const bool is_blank = fields.size() == 1 && fields.front().empty();
    if (is_blank && table.header.size() > 1) continue;
    if (fields.size() != table.header.size()) {
      problems.add(
          concat("line ", line, ": ", fields.size(), " fields, the header has ", table.header.size()));
      continue;
    }
    table.rows.push_back(fields);
    table.lines.push_back(line);
  }
  problems.throw_if_any("");
  return table;
}

std::string csv_line(std::span<const std::string> fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) line += ',';
    const bool is_lone_empty = fields.size() == 1 && fields[i].empty();
    if (!is_lone_empty && fields[i].find_first_of(",\"\r\n") == std::string::npos) {
      line += fields[i];
      continue;
    }
    line += '"';
    for (const char c : fields[i]) line += c == '"' ? std::string(2, c) : std::string(1, c);
    line += '"';
  }
  return line;
}

}  // namespace cohort::data
