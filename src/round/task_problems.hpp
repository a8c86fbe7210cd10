// What can be wrong with a task. Not part of the module's public face.
#pragma once

#include <string>
#include <vector>

#include "cohort/round/task.hpp"

namespace cohort::round {

/// All that is wrong with the task whatever its data are and whichever program reads it.
std::vector<std::string> rule_problems(const Task& task);

/// Why this program cannot compute what the task asks for; empty when it can.
std::string numerics_problem(const Task& task);

/// All that the data make impossible: sums that would leave their exact range after a round's training, a
/// hidden set that cannot be told apart as the parts are. `hidden` may be null.
std::vector<std::string> data_problems(const Task& task, const data::Partition& partition,
                                       const data::Dataset* hidden);

}  // namespace cohort::round
