// What an audit has found so far, on disk until its round is done: so that a stop costs one submission's
// audit at most.
#pragma once

#include <filesystem>
#include <optional>

#include "cohort/round/audit.hpp"

namespace cohort::round {

/// Findings of Verdict::transient are not kept. Throws Error.
void keep_finding(const std::filesystem::path& path, const Digest& beacon, const Finding& finding);

/// The finding about the submission of a first look under this beacon, which stands for all that was handed
/// in and for the task; nothing when there is none or it is about another submission or beacon.
std::optional<Finding> kept_finding(const std::filesystem::path& path, const Digest& beacon,
                                    const Finding& look);

}  // namespace cohort::round
