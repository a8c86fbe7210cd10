// Files and folders that a person names: whether they are there, and folders for results.
#pragma once

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace cohort::app {

/// Throws DataError, naming all at once, unless every file or folder can be opened for reading. Empty paths
/// and "-" (standard input) are left out.
void require_readable(const std::vector<std::filesystem::path>& paths);

/// Makes a folder and those above it. Throws Error with the way out where that is not allowed.
void make_folder(const std::filesystem::path& folder);

/// "out/a: cannot create directories: Read-only file system; name another place …"
std::string text_of(const std::filesystem::filesystem_error& error);

/// The message with at most kMostErrorLines lines of a list below its first line, and how many more there
/// are.
inline constexpr std::size_t kMostErrorLines = 20;
std::string cut_list(const std::string& message);

}  // namespace cohort::app
