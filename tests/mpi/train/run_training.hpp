// What the tests of whole runs share: a run of the tiny job in a folder of its own, and what it left behind.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cohort/core/json.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/train/run_folder.hpp"
#include "cohort/train/trainer.hpp"
#include "mpi/train/shared_data.hpp"

namespace cohort::train {

namespace fs = std::filesystem;

class RunTraining : public tests::SharedData {
 protected:
  [[nodiscard]] Job job(const std::string& name) const { return tests::tiny_job(folder_ / name); }
  RunResult run(const Job& job) {
    RunDescription description;
    description.program_version = "0.1.0";
    description.command = "cohort train";
    description.config_toml = concat("seed = 7\nselect_metric = \"", job.execution.select_metric, "\"\n");
    description.environment = Json::object().set("ranks", comm_.ranks());
    log_.set_quiet(true);
    wait_for_all();
    return run_training(comm_, job, *dataset_, description, log_);
  }
  /// The code that all ranks end with; the words are checked on every rank.
  ExitCode refusal(const Job& job, const std::string& expected) {
    try {
      run(job);
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(expected), std::string::npos) << error.what();
      return error.code();
    }
    ADD_FAILURE() << "accepted";
    return ExitCode::finished;
  }
  [[nodiscard]] fs::path file(const Job& job, const std::string& name) const {
    return job.execution.out / name;
  }
  /// Steps of the events of a name (and of a file) in metrics.jsonl, in order.
  [[nodiscard]] std::vector<std::int64_t> events(const Job& job, const std::string& name,
                                                 const std::string& of_file = {}) const {
    std::vector<std::int64_t> steps;
    for (const std::string& line : split(trim(store::read_text(file(job, "metrics.jsonl"))), '\n')) {
      const Json event = Json::parse(line);
      if (event.at("event").as_string() != name) continue;
      if (of_file.empty() || event.at("file").as_string() == of_file)
        steps.push_back(event.at("step").as_int());
    }
    return steps;
  }

  Log log_{comm_.is_root()};
};

/// Everything of a row that does not come from a clock.
inline std::vector<std::vector<double>> scores(const std::vector<HistoryRow>& history) {
  std::vector<std::vector<double>> rows;
  for (const HistoryRow& row : history)
    rows.push_back({row.epoch, static_cast<double>(row.step), row.train_loss, row.validation_loss,
                    row.accuracy, row.balanced_accuracy, row.auc_macro, row.learning_rate});
  return rows;
}

}  // namespace cohort::train
