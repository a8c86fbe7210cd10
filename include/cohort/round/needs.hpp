// What a run of rounds needs of a machine, known before it starts.
#pragma once

#include <cstdint>

#include "cohort/round/task.hpp"
#include "cohort/train/options.hpp"

namespace cohort::round {

/// Bytes on disk that one round takes at most.
struct RoundFiles {
  std::uint64_t links = 0;  ///< states at links, which audits replay; nothing else needs them
  std::uint64_t others =
      0;  ///< submissions, the round's model twice, a state between links of each candidate
  std::uint64_t longest = 0;  ///< submission or state, of a member who keeps to the task
};
/// Requires  a completed task.
RoundFiles round_files(const Task& task);

/// Bytes that the most loaded of `ranks` ranks will hold, in the training of a candidate or in a merge;
/// without the mapped data. Of what a search may choose the largest counts. Not collective.
///
/// Requires  a completed task.
/// Throws    UsageError when this processor lacks the instruction set.
std::uint64_t estimate_memory(const Task& task, const train::Execution& execution, int ranks);

}  // namespace cohort::round
