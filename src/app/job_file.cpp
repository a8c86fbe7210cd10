#include "job_file.hpp"

#include <algorithm>
#include <map>
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

std::string scalar_text(const Value& value) {
  switch (value.type()) {
    case toml::value_t::boolean:
      return value.as_boolean() ? "true" : "false";
    case toml::value_t::integer:
      return std::to_string(value.as_integer());
    case toml::value_t::floating:
      return format_shortest(value.as_floating());
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
  if (!std::filesystem::is_regular_file(path))
    throw UsageError(concat("job file ", path.string(), ": no such file"));
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
