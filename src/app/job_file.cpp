#include "job_file.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <sstream>
#include <toml.hpp>

#include "cohort/core/text.hpp"

namespace cohort::app {
namespace {
using Value = toml::basic_value<toml::discard_comments, std::map>;

Literal literal_of(const Value& value) {
  switch (value.type()) {
    case toml::value_t::boolean:
      return Literal::boolean;
    case toml::value_t::integer:
      return Literal::integer;
    case toml::value_t::floating:
      return Literal::number;
    case toml::value_t::string:
      return Literal::text;
    case toml::value_t::array:
      return Literal::list;
    default:
      return Literal::other;
  }
}

/// A number as the file has it, without the underscores and the plus that TOML allows.
std::string written_number(const Value& value) {
  const toml::source_location place = value.location();
  std::string text = place.line_str().substr(place.column() - 1, place.region());
  std::erase(text, '_');
  return text.starts_with('+') ? text.substr(1) : text;
}

/// What the digits of a whole number say; nothing when it does not fit.
std::optional<std::int64_t> whole_number(const std::string& text) {
  const int base = text.starts_with("0x") ? 16 : text.starts_with("0o") ? 8 : text.starts_with("0b") ? 2 : 10;
  const char* const end = text.data() + text.size();
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data() + (base == 10 ? 0 : 2), end, number, base);
  return read.ec == std::errc() && read.ptr == end ? std::optional(number) : std::nullopt;
}

/// The library replaces a number that does not fit by the largest one that does, without a word. Such a
/// number stays as it is written, so that the option refuses it.
std::string number_text(const Value& value) {
  std::string text = written_number(value);
  if (value.is_integer()) {
    const std::optional<std::int64_t> number = whole_number(text);
    return number ? std::to_string(*number) : text;
  }
  const bool is_word = text.ends_with("inf") || text.ends_with("nan");
  return is_word || parse_double(text) ? format_shortest(value.as_floating()) : text;
}

std::string scalar_text(const Value& value) {
  switch (value.type()) {
    case toml::value_t::boolean:
      return value.as_boolean() ? "true" : "false";
    case toml::value_t::integer:
    case toml::value_t::floating:
      return number_text(value);
    case toml::value_t::string:
      return value.as_string().str;
    default: {
      std::ostringstream text;
      text << value;
      return text.str();
    }
  }
}

void flatten(const Value& table, const std::string& prefix, const std::string& file,
             std::vector<std::pair<std::uint_least32_t, JobEntry>>& entries) {
  for (const auto& [name, value] : table.as_table()) {
    const std::string key = prefix.empty() ? name : concat(prefix, ".", name);
    if (value.is_table()) {
      flatten(value, key, file, entries);
      continue;
    }
    JobEntry entry{key, concat(file, ":", value.location().line()), literal_of(value), {}, {}};
    if (value.is_array()) {
      bool are_texts = true, are_numbers = true;
      for (const Value& element : value.as_array()) {
        entry.values.push_back(scalar_text(element));
        are_texts = are_texts && element.is_string();
        are_numbers = are_numbers && (element.is_integer() || element.is_floating());
      }
      entry.literal = are_texts ? Literal::list : are_numbers ? Literal::numbers : Literal::other;
      entry.written = concat("[", joined(entry.values, ", "), "]");
    } else {
      entry.values = {scalar_text(value)};
      entry.written = value.is_string() ? concat('"', entry.values.front(), '"') : entry.values.front();
    }
    entries.emplace_back(value.location().line(), std::move(entry));
  }
}

/// The library's message without its own name and path: what is wrong, then the lines that point at it.
std::string shortened(const std::string& message) {
  std::string result;
  for (std::string line : split(message, '\n')) {
    if (line.starts_with(" --> ") || line.starts_with("Hint:")) continue;
    if (line.starts_with("[error] ")) {
      const std::size_t colon = line.find(": ");
      line = colon == std::string::npos ? line.substr(8) : line.substr(colon + 2);
    }
    if (trim(line).empty() || trim(line) == "|") continue;
    if (!result.empty()) result += "\n  ";
    result += line;
  }
  return result;
}

Value parse(const std::filesystem::path& path) {
  std::error_code error;
  if (const auto found = std::filesystem::status(path, error); !std::filesystem::is_regular_file(found)) {
    const bool is_missing = found.type() == std::filesystem::file_type::not_found;
    throw UsageError(concat("job file ", path.string(), ": ",
                            is_missing ? "no such file"
                            : error    ? error.message()
                                       : "not a regular file"));
  }
  try {
    return toml::parse<toml::discard_comments, std::map>(path.string());
  } catch (const toml::exception& e) {
    throw UsageError(concat("job file ", path.string(), ":", e.location().line(),
                            ": not valid TOML: ", shortened(e.what())));
  } catch (const std::exception& e) {
    throw UsageError(concat("job file ", path.string(), ": cannot be read: ", e.what()));
  }
}
}  // namespace

std::vector<JobEntry> read_job_file(const std::filesystem::path& path) {
  std::vector<std::pair<std::uint_least32_t, JobEntry>> entries;
  flatten(parse(path), "", path.string(), entries);
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<JobEntry> result;
  for (auto& [line, entry] : entries) result.push_back(std::move(entry));
  return result;
}

std::string text_in_job_file(const std::filesystem::path& path, const std::string& key) {
  for (const JobEntry& entry : read_job_file(path))
    if (entry.key == key && entry.values.size() == 1) return entry.values.front();
  return "";
}

}  // namespace cohort::app
