// That all ranks set out from the same facts: data set, recipe, numerics.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cohort/comm/communicator.hpp"

namespace cohort::train {

/// What a rank believes, as (what, value).
using Facts = std::vector<std::pair<std::string, std::string>>;

/// One line for each fact on which a rank differs from most ranks (of equally many, from the lowest): "rank 2
/// has seed 1 where the others have 0". `all` holds every rank's facts.
std::vector<std::string> disagreements(const std::vector<Facts>& all);

/// Throws AgreedError with the disagreements, if any. Collective.
void require_agreement(comm::Communicator& comm, const Facts& mine);

}  // namespace cohort::train
