// Names as they stand in pictures.
#pragma once

#include <string>
#include <vector>

namespace cohort::app {

/// Class names for drawings: one that letters are missing for becomes "class 3", by its number.
std::vector<std::string> drawn_names(const std::vector<std::string>& classes);

}  // namespace cohort::app
