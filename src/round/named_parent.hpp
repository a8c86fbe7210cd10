// A model that an auditor names as what a round started from, where no run keeps records. Not part of the
// module's public face.
#pragma once

#include <cstdint>
#include <filesystem>

#include "cohort/nn/state_layout.hpp"
#include "cohort/round/merge.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/round/task.hpp"

namespace cohort::round {

/// Whose word is taken for what a round started from: no other one may be there, nor hang more on it. Throws
/// UsageError where the task's evidence, its merge rule, the round's number or a record of this round or an
/// earlier one says it already.
void require_no_other_parent(const Task& task, const RoundPaths& paths, std::int64_t round);

/// That a submission says to have started from the named model: else it is the auditor who errs, and nothing
/// can be said of the member. Throws DataError with both digests; a file that cannot be read passes.
void require_named_start(const std::filesystem::path& submission, const nn::StateLayout& layout,
                         const Model& named);

}  // namespace cohort::round
