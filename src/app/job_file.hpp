// Job files: TOML, read into flat entries with their places for messages.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "option_table.hpp"

namespace cohort::app {

/// Reads a job file. Throws UsageError naming file and line when it is missing or not TOML.
std::vector<JobEntry> read_job_file(const std::filesystem::path& path);

/// The text at `key` of a job file (a run's config.toml); empty when there is none.
std::string text_in_job_file(const std::filesystem::path& path, const std::string& key);

}  // namespace cohort::app
