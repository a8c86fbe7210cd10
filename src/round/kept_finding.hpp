// What an audit has found so far, on disk until its round is done: so that a stop costs one submission's
// audit at most.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

#include "cohort/round/audit.hpp"

namespace cohort::round {

/// Findings of Verdict::transient are not kept. Throws Error.
void keep_finding(const std::filesystem::path& path, const Digest& beacon, const Finding& finding);

/// Whether a finding may stand although another audit has doubted links: it refuses anyway, or it has
/// replayed them all.
bool settles(const Finding& finding, std::span<const std::int64_t> doubted_links);

/// The finding about the submission of a first look under this beacon, which stands for all that was handed
/// in and for the task; nothing when there is none, when it is about another submission or beacon, or when it
/// does not settle what is doubted by now.
std::optional<Finding> kept_finding(const std::filesystem::path& path, const Digest& beacon,
                                    const Finding& look, std::span<const std::int64_t> doubted_links);

}  // namespace cohort::round
