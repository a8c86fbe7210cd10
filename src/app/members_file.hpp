// Who takes part in a federation, as its coordinator has collected it.
#pragma once

#include <filesystem>
#include <vector>

#include "cohort/round/task.hpp"

namespace cohort::app {

/// A CSV with the columns name, key (the line that `cohort submission keygen` prints) and, where members are
/// to be paid, address; one row for each member, in the order of the task's parts.
///
/// Throws DataError naming the file and, all at once, lines with keys of no sense; the columns that are
/// missing or unknown; a file without members. Names and addresses are looked at with the rest of the task.
std::vector<round::Member> read_members(const std::filesystem::path& path);

}  // namespace cohort::app
