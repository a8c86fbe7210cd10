// Files and folders that a person names: whether they are there, and folders for results.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "cohort/core/error.hpp"

namespace cohort::app {

/// Throws DataError, naming all at once, unless every file or folder can be opened for reading. Empty paths
/// and "-" (standard input) are left out.
void require_readable(const std::vector<std::filesystem::path>& paths);

/// As require_readable, but leaves what is not there for the caller to explain.
void refuse_unreadable(const std::filesystem::path& path);

/// The one rule for a file named by --out: what is there is replaced only with --overwrite, and even then it
/// must be a regular file that the same command does not read. Throws UsageError. An empty --out is left out.
/// Import, which makes two files, looks for both itself.
void require_free_output(const std::filesystem::path& out, bool may_replace,
                         const std::vector<std::filesystem::path>& inputs = {});

/// Makes a folder and those above it. Throws Error with the way out where that is not allowed.
void make_folder(const std::filesystem::path& folder);

/// Of a list of errors so many are shown: what fits on a screen together with the command before it.
inline constexpr std::size_t kMostErrorLines = 20;
/// The message with at most kMostErrorLines lines of a list below its first line, and how many more there
/// are.
std::string cut_list(const std::string& message);

}  // namespace cohort::app
