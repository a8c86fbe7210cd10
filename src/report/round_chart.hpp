// The common model and the candidates over the rounds, drawn.
#pragma once

#include <span>
#include <string>

#include "cohort/round/rounds.hpp"

namespace cohort::report {

/// A figure: the common model's score as a line, each candidate's as a dot, in percent of the common
/// validation set; with its legend. Empty without a round that has validation images.
std::string round_chart(std::span<const round::RoundRecord> records);

}  // namespace cohort::report
