// What a run of rounds needs beside its task and its data set.
#pragma once

#include <optional>

#include "cohort/data/dataset.hpp"

namespace cohort::app {

/// The hidden part that import wrote beside the data set, if it did. Throws DataError where it is not hidden
/// from whoever trains on the data set.
std::optional<data::Dataset> hidden_beside(const data::Dataset& dataset);

/// Starts the program that reads strangers' files, which the first audit needs after a whole round of
/// training. Throws Error where it is missing, of another version, or refused its limits.
void try_reader();

}  // namespace cohort::app
