// What a member in another house hands in, taken into the place where an audit looks for it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "cohort/round/rounds.hpp"
#include "cohort/round/task.hpp"

namespace cohort::round {

/// Copies one member's submission of a round and the states at its links into the run folder, and nothing
/// else of what `from` holds: a folder of the form that `contribute` writes, or a submission alone. What it
/// copies is not read. States that are there already stay.
///
/// Returns how many states came with it.
/// Throws  DataError for a member that the task does not have, where there is no submission, where a link
/// stands in
///         the place of a file or folder, and for files longer than the task allows; UsageError when the
///         member has handed in another submission before; Error for the disk.
std::int64_t take_in(const RoundPaths& run, const Task& task, std::int64_t round, const std::string& member,
                     const std::filesystem::path& from);

}  // namespace cohort::round
