// Names that a task's text has, for those who write it and those who read it. Not part of the module's public
// face.
#pragma once

#include <string_view>

#include "cohort/data/partition.hpp"
#include "cohort/round/task.hpp"

namespace cohort::round {

inline constexpr std::string_view kTaskSchema = "cohort.task/1";

/// "shared", "split", "by_column".
std::string_view name_of(data::PartitionRule rule);

}  // namespace cohort::round
