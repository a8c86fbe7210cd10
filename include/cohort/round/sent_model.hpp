// A model that somebody else has sent: a checkpoint whose file nobody has to trust.
#pragma once

#include <filesystem>

#include "cohort/nn/state_layout.hpp"
#include "cohort/round/merge.hpp"
#include "cohort/store/hostile_reader.hpp"

namespace cohort::round {

/// The weights of a checkpoint that its run validated, raw or averaged, as train::read_checkpoint gives them,
/// but read by the limited child. Tensors and optimizer buffers are held against the state's digest; history,
/// texts and attributes that do not matter here are not looked at.
///
/// `layout` is the task's, never the file's. A link is followed. Not collective.
///
/// Throws  DataError for a model of another architecture and for values that no training makes;
///         CheckpointError for what is no checkpoint, damaged, of another numerics_version or not to be read;
///         Error when the child was interrupted or cannot be started.
Model read_sent_model(const std::filesystem::path& file, const nn::StateLayout& layout);

}  // namespace cohort::round
