// What the subcommands with several actions do: one line of help for each.
#pragma once

#include <vector>

#include "command.hpp"

namespace cohort::app {

std::vector<Action> submission_actions();
/// The first one is meant where no action is named.
std::vector<Action> reward_actions();

}  // namespace cohort::app
