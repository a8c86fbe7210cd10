// What training changes: parameters, statistics, optimizer state, averages, counters — and its digest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohort/core/aligned_buffer.hpp"
#include "cohort/core/digest.hpp"
#include "cohort/nn/state_layout.hpp"

namespace cohort::train {

/// A whole state in flat blocked buffers, as one rank holds it after a gather (checkpoint, digest, export).
struct FullState {
  std::int64_t step = 0;  ///< steps done; the next draw is step * batch_size
  AlignedBuffer<float> parameters, statistics;
  std::vector<std::string> slot_names;                  ///< "momentum" or "m", "v"
  std::vector<AlignedBuffer<float>> slots;              ///< like parameters
  AlignedBuffer<float> ema_parameters, ema_statistics;  ///< empty when EMA is off
};

/// SHA-256 over: "cohort-state", numerics_version, step, then parameters, statistics, each slot (name first)
/// and the EMA pair in canonical form (nn::update_digest). Independent of ranks, layout padding and file
/// format.
Digest state_digest(const nn::StateLayout& layout, const FullState& state);

}  // namespace cohort::train
