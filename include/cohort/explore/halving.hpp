// Successive halving by ASHA's rungs, decided at round boundaries from a sorted table (Li et al., MLSys
// 2020).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cohort/explore/proposer.hpp"

namespace cohort::explore {

struct HalvingOptions {
  bool is_on = false;
  std::int64_t first_rung = 1;  ///< rounds before the first decision
  std::int64_t factor = 3;      ///< eta: rungs at first_rung * factor^k; one in `factor` goes on
};

/// Candidates that stop after `round` (1 = the first round is done), ascending. At a rung the running
/// candidates are sorted by (score descending, id ascending), failed ones last; the best
/// ceil(running / factor) go on. Not a rung: nobody stops.
std::vector<std::int64_t> halted_after(std::int64_t round, std::span<const Trial> round_trials,
                                       const HalvingOptions& options);

}  // namespace cohort::explore
