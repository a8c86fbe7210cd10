// What `cohort train` shows and draws after the last step.
#pragma once

#include "cohort/comm/communicator.hpp"
#include "cohort/core/log.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/train/options.hpp"
#include "cohort/train/trainer.hpp"

namespace cohort::app {

/// Draws plots/results.png and, from the best checkpoint on the validation split, plots/confusion_matrix.png;
/// says what to do next. Collective.
void report_training(comm::Communicator& comm, const train::Job& job, const data::Dataset& dataset,
                     const train::RunResult& result, Log& log);

}  // namespace cohort::app
