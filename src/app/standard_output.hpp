// Whether all that a command said on standard output has arrived.
#pragma once

#include <string>

namespace cohort::app {

/// Writes out what still waits for standard output and returns why not all of it was taken, as "No space left
/// on device"; empty when it was, and when whoever read it has gone away: a pipe into head asks for no more.
std::string standard_output_problem();

}  // namespace cohort::app
