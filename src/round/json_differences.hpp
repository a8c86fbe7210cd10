// In what two documents differ, for people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cohort/core/json.hpp"

namespace cohort::round {

/// What stands before the value of either document.
struct DifferenceWords {
  std::string_view first = "stored ", second = "now ";
};

/// A line for each place in which the documents differ, as "audit.links: stored 2, now 1"; what one of them
/// lacks is "(absent)". Empty exactly when both print the same.
std::vector<std::string> json_differences(const Json& first, const Json& second,
                                          const DifferenceWords& words = {});

}  // namespace cohort::round
