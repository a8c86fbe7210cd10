// Commands that people copy from the screen into a shell.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace cohort::app {

/// One word of a command line: as it is where a POSIX shell takes it so, otherwise in single quotes.
std::string shell_word(std::string_view word);
std::string shell_word(const std::filesystem::path& path);

}  // namespace cohort::app
