// The page's parts: what a round was like, and what members have after all of them.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "cohort/data/partition.hpp"
#include "cohort/round/reward.hpp"
#include "cohort/round/rounds.hpp"

namespace cohort::report {

/// All that the page is made from.
struct RoundsView {
  const round::Task& task;
  const data::Partition& partition;
  std::span<const round::RoundRecord> records;
  std::span<const std::optional<round::Rewards>> rewards;
  std::span<const std::optional<double>> balanced;  ///< accuracy of the rounds' models; may be empty

  /// The rewards of the round at a position of `records`; null where there are none.
  [[nodiscard]] const round::Rewards* rewards_of(std::size_t position) const {
    return position < rewards.size() && rewards[position] ? &*rewards[position] : nullptr;
  }
  /// Balanced accuracy of the model of the round at a position; nothing where it was not counted.
  [[nodiscard]] std::optional<double> balanced_of(std::size_t position) const {
    return position < balanced.size() ? balanced[position] : std::nullopt;
  }
  /// What a candidate got in the round at a position, where contributors train it: all of them together.
  /// Nothing where there are no rewards or they do not list it.
  [[nodiscard]] std::optional<round::Amount> share_of(std::size_t position, const std::string& member) const;
};

/// Sum of many pools, which may pass what an amount can hold.
struct AmountSum {
  round::Amount sum;
  bool is_beyond = false;
  void add(const round::Amount& amount);
};
/// The sum with its digits grouped, or that it is beyond 2^256 - 1.
std::string grouped(const AmountSum& sum);

/// The round at a position of `records`: what was merged and paid, and a table of its members.
std::string round_section(const RoundsView& view, std::size_t position);

/// A table of all members over all rounds.
std::string members_section(const RoundsView& view);

/// The verdict as a coloured word.
std::string verdict_chip(round::Verdict verdict);

}  // namespace cohort::report
