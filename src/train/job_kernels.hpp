// Which kernels a job asks for.
#pragma once

#include "cohort/kernels/table.hpp"
#include "cohort/train/options.hpp"

namespace cohort::train {

/// Throws UsageError when this processor lacks the instruction set.
const kernels::Table<float>& table_of(const Execution& execution);

}  // namespace cohort::train
