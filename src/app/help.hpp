// The texts of --help.
#pragma once

#include <string>

#include "command.hpp"
#include "option_table.hpp"

namespace cohort::app {

/// The list of subcommands.
std::string program_help();
/// Usage, options by group, an example; of a subcommand with several actions what they are. `all` shows the
/// options that are not common, too, and those of all actions.
std::string command_help(const Subcommand& subcommand, const OptionTable& table, bool all);
/// The same of one of its actions, with the options that this one takes.
std::string action_help(const Subcommand& subcommand, const Action& action, const OptionTable& table,
                        bool all);

}  // namespace cohort::app
