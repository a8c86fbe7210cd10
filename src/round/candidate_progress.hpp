// How far a candidate has come, on disk.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "cohort/round/submission.hpp"

namespace cohort::round {

struct CandidateProgress {
  Digest round{};                 ///< identity::round_digest
  std::vector<ChainLink> chain;   ///< the start and every link so far
  std::optional<ChainLink> stop;  ///< a state between links, kept by a stop or by time; its chain is zero

  /// The state to go on from.
  [[nodiscard]] const ChainLink& newest() const { return stop ? *stop : chain.back(); }
};

void save_progress(const std::filesystem::path& path, const CandidateProgress& progress);
/// Nothing when there is no file. Throws CheckpointError when it belongs to another round or task.
std::optional<CandidateProgress> read_progress(const std::filesystem::path& path, const Digest& round);

}  // namespace cohort::round
