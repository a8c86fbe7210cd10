// assignments.json of a round: who was to try what.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "cohort/round/candidate.hpp"
#include "cohort/round/task.hpp"

namespace cohort::round {

/// What the file says. Without it, where a task explores nothing, every member has the task's own parameters.
///
/// Throws  DataError naming the file when it is damaged, names a member that the task does not have, or gives
///         one a setting that the task does not allow; Error when it is needed and missing, or cannot be
///         read.
std::vector<Assignment> read_assignments(const std::filesystem::path& path, const Task& task,
                                         std::int64_t round);

}  // namespace cohort::round
