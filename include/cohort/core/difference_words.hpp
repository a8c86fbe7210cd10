// How two things that should be equal are called where they are not.
#pragma once

#include <string_view>

namespace cohort {

/// What stands before the value of the first and of the second, as in "epochs: stored 2, now 3".
struct DifferenceWords {
  std::string_view first = "stored ", second = "now ";
};

}  // namespace cohort
