// The page and the table that tell people of a run of rounds.
#pragma once

#include <filesystem>
#include <optional>
#include <span>

#include "cohort/core/log.hpp"
#include "cohort/data/partition.hpp"
#include "cohort/round/rounds.hpp"

namespace cohort::app {

/// index.html and rounds.csv of a run folder. They serve people alone: what is wrong with them costs no
/// training.
class RoundReport {
 public:
  /// The references must outlive this.
  RoundReport(std::filesystem::path out, const round::Task& task, const data::Partition& partition, Log& log);
  /// Writes both anew, of the rounds that are done and, of a finished run, its score on the test split. Where
  /// that fails a warning says so. On the root alone.
  void write(std::span<const round::RoundRecord> records,
             const std::optional<round::TestScore>& test = std::nullopt) const;

 private:
  const std::filesystem::path out_;
  const round::Task& task_;
  const data::Partition& partition_;
  Log& log_;
};

}  // namespace cohort::app
