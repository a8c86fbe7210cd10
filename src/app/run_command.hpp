// How a run was started, as its folder tells.
#pragma once

#include <filesystem>
#include <string>

namespace cohort::app {

/// The command that started a run last and continues it, with mpirun where it had several ranks; empty where
/// nothing says so. Throws Error when that cannot be read.
std::string command_of_run(const std::filesystem::path& run);

}  // namespace cohort::app
