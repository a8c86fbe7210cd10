// The texts of --help.
#pragma once

#include <string>

#include "command.hpp"
#include "option_table.hpp"

namespace cohort::app {

/// The list of subcommands.
std::string program_help();
/// Usage, options by group, an example. `all` shows the options that are not common, too.
std::string command_help(const Subcommand& subcommand, const OptionTable& table, bool all);

}  // namespace cohort::app
