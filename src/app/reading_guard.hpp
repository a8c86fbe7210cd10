// For a command that does nothing but read a file, of whatever origin, with libraries in this very process.
#pragma once

#include <filesystem>
#include <string_view>

namespace cohort::app {

/// From here on a file can cost no more than one of its size may: processor time, memory, and nothing written
/// but standard output. One that makes the process compute or grow without end, or break down, ends it with
/// one line, "cohort: error: <command> <file>: …", and ExitCode::data_refused. Limits that are lower already
/// stay.
///
/// Requires  one thread; no more is written to files than 64 MiB of what standard output and error lead to.
/// Throws    Error when the system refuses a limit.
void guard_reading(std::string_view command, const std::filesystem::path& file);

}  // namespace cohort::app
