// The options of a run of rounds: candidates, exploration, audit, merge and pool.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cohort/round/task.hpp"
#include "cohort/train/options.hpp"
#include "option_table.hpp"

namespace cohort::app {

/// What a job says about rounds. `rounds` 0 means an ordinary run.
struct RoundOptions {
  int candidates = 1, contributors = 0;
  std::int64_t rounds = 0;
  round::Task task;                  ///< rules; the rest follows from the data
  std::string data_rule = "shared";  ///< "shared", "split", "by:COLUMN"
  std::string spans = "run";
  std::vector<std::string> sizes_train{"0.9"}, sizes_validation{"0.1"};
  std::vector<std::string> space;  ///< "lr = log(1e-3, 3e-1)"
  std::string evidence = "replay", merge_rule = "average", merge_weights = "samples",
              merge_statistics = "aggregate";
  std::string unproven_rate = "1/2";
  std::filesystem::path ledger;   ///< empty: in the run folder
  std::filesystem::path members;  ///< who trains elsewhere; empty: the run's own candidates
};

void declare_rounds(OptionTable& table, RoundOptions& options);

/// The task's rules from the options. Throws UsageError with all problems at once.
round::Task task_rules(const RoundOptions& options);

/// All keys of declare_rounds that differ from their defaults, as "candidates, merge.gate": they mean nothing
/// to an ordinary run. Empty without any.
std::string keys_of_rounds(const RoundOptions& options);

/// The mirror of it: keys of declare_job that differ from their defaults and mean nothing to rounds, as
/// "epochs, max_steps". A round has its own length, and what is validated and kept of it is the task's
/// affair.
std::string keys_without_rounds(const train::Job& job);

}  // namespace cohort::app
