// A run of rounds as one page to read, and as a table for programs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "cohort/data/partition.hpp"
#include "cohort/round/reward.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/round/task.hpp"

namespace cohort::report {

/// How the final model did on images that took no part in the rounds.
struct FinalScore {
  std::string split;  ///< "test"
  std::int64_t correct = 0, samples = 0;
  std::optional<double> balanced_accuracy = {};  ///< nothing where it was not counted
};

/// One HTML page that needs nothing else: no script, no network, no other file. Names and details are
/// strangers' text and stay text. The same input gives the same bytes.
///
/// Requires  records in the order of their rounds (fewer than the task has: the page says so); `rewards`
///           empty, or one for each record, nothing where a round has none; `balanced` likewise: the
///           balanced accuracy of each round's model on the common validation set.
std::string round_page(const round::Task& task, const data::Partition& partition,
                       std::span<const round::RoundRecord> records,
                       std::span<const std::optional<round::Rewards>> rewards,
                       const std::optional<FinalScore>& final_score = std::nullopt,
                       std::span<const std::optional<double>> balanced = {});

/// CSV with a row for each round; empty where there is no value (docs/formats.md, "Rounds").
///
/// Requires  as round_page.
std::string rounds_csv(std::span<const round::RoundRecord> records,
                       std::span<const std::optional<round::Rewards>> rewards,
                       std::span<const std::optional<double>> balanced = {});

}  // namespace cohort::report
