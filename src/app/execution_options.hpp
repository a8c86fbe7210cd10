// How a command that works on ranks and can be stopped is told to do it: no option here decides a result.
#pragma once

#include "cohort/train/options.hpp"
#include "option_table.hpp"

namespace cohort::app {

/// The group "Run": time limit, threads and instruction set. Leaves the threads at 0, to be decided once the
/// ranks are known.
void declare_execution(OptionTable& table, train::Execution& execution);

}  // namespace cohort::app
