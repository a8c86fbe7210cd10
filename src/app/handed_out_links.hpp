// The states of a member's chain that an audit asks for.
#pragma once

#include <filesystem>
#include <string>

#include "cohort/core/log.hpp"
#include "cohort/nn/state_layout.hpp"
#include "cohort/round/submission.hpp"

namespace cohort::app {

/// Where a member keeps the states of its links, and where those go that it hands out.
struct LinkFolders {
  std::filesystem::path from, out;
};

/// Copies the states that a replay of these links ("3,7") starts from, and says which. What they hold is for
/// the audit to judge. Throws UsageError for a list that is not of links of this chain; Error when states are
/// missing, naming all of them, or when another one lies in the way of one.
void hand_out_links(const round::SubmissionHeader& header, const nn::StateLayout& layout,
                    const std::string& list, const LinkFolders& folders, Log& log);

}  // namespace cohort::app
