// In what two documents differ, for people.
#pragma once

#include <string>
#include <vector>

#include "cohort/core/difference_words.hpp"
#include "cohort/core/json.hpp"

namespace cohort::round {

/// A line for each place in which the documents differ, as "audit.links: stored 2, now 1"; what one of them
/// lacks is "(absent)". Empty exactly when both print the same.
std::vector<std::string> json_differences(const Json& first, const Json& second,
                                          const DifferenceWords& words = {});

}  // namespace cohort::round
