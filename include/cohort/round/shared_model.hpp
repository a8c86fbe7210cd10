// A model that one rank has read, on all of them.
#pragma once

#include "cohort/comm/communicator.hpp"
#include "cohort/nn/state_layout.hpp"
#include "cohort/round/merge.hpp"

namespace cohort::round {

/// The root's model; what other ranks give is not looked at. Collective.
///
/// Requires  the layout's sizes on the root.
Model share_model(comm::Communicator& comm, const nn::StateLayout& layout, const Model& model, int root = 0);

}  // namespace cohort::round
