// Text files that are read whole and parsed: what is wrong with one is told with its name.
#pragma once

#include <concepts>
#include <filesystem>
#include <string>

#include "cohort/core/error.hpp"
#include "cohort/core/json.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/atomic_file.hpp"

namespace cohort::store {

/// What `parse` makes of the text of a file.
///
/// Throws  as read_text; a DataError of `parse` with "read", and the file's path, before its words.
template <std::invocable<const std::string&> F>
auto parsed_text(const std::filesystem::path& path, F&& parse) {
  const std::string text = read_text(path);
  try {
    return parse(text);
  } catch (const DataError& e) {
    throw DataError(concat("read ", path.string(), ": ", e.what()));
  }
}

/// The same of a file that holds JSON, for `take` to read values from.
template <std::invocable<const Json&> F>
auto parsed_json(const std::filesystem::path& path, F&& take) {
  return parsed_text(path, [&](const std::string& text) { return take(Json::parse(text)); });
}

/// The same as it is.
inline Json parsed_json(const std::filesystem::path& path) {
  return parsed_text(path, [](const std::string& text) { return Json::parse(text); });
}

}  // namespace cohort::store
