// From the words of the command line to a command that is ready to run, on one process or on many.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cohort/comm/communicator.hpp"
#include "command.hpp"
#include "option_table.hpp"

namespace cohort::app {

/// What the command line asks for. `text` is set when it only asks for words.
struct Plan {
  const Subcommand* subcommand = nullptr;
  std::unique_ptr<Command> command;
  OptionTable options;
  std::optional<std::string> text;
  bool is_quiet = false;
};

/// Reads everything before MPI starts, so that mistakes and help cost nothing; `processes` is how many the
/// launcher started. Throws UsageError.
void read_command_line(Plan& plan, std::vector<std::string> arguments, int processes);

/// Throws AgreedError when any rank could not read its command line (`mistake`; with the words of the lowest
/// such rank) or when ranks were given different commands. Collective.
void agree_on_command_line(comm::Communicator& comm, const Plan& plan, const std::optional<Error>& mistake);

/// The command line with its words quoted for a shell.
std::string as_typed(int argc, char** argv);

}  // namespace cohort::app
