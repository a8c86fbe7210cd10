// Findings and assignments as JSON: how ranks tell one another, and what the run folder keeps.
#pragma once

#include <vector>

#include "cohort/core/json.hpp"
#include "cohort/round/audit.hpp"

namespace cohort::round {

Json json_of(const Finding& finding);
Finding finding_of(const Json& json);
Json json_of(const std::vector<Assignment>& assignments);
std::vector<Assignment> assignments_of(const Json& json);

}  // namespace cohort::round
