// The options of `cohort train`: every field of train::Job under one name for the command line and one for
// job files.
#pragma once

#include "cohort/train/options.hpp"
#include "option_table.hpp"

namespace cohort::app {

/// The keys of the recipe are those of train::recipe_text, so that a reported difference can be looked up.
void declare_job(OptionTable& table, train::Job& job);

}  // namespace cohort::app
