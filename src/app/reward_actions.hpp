// What `cohort reward` does, once its command line is understood.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cohort/core/log.hpp"
#include "cohort/round/address.hpp"
#include "cohort/round/amount.hpp"
#include "cohort/round/reward_terms.hpp"
#include "cohort/round/standing.hpp"

namespace cohort::app {

/// What the command line says a pool is shared by; what it does not say is the task's.
struct ShareOptions {
  std::optional<round::Amount> pool;
  std::optional<round::RewardRule> rule;
  std::optional<int> gamma;
  std::optional<round::Fraction> unproven_rate;
  bool is_demonstration = false;
  bool has_own_terms = false;  ///< shares by them although the task says otherwise
};

/// `given`, or task.json of the run that a folder of its rounds belongs to; empty without one.
std::filesystem::path task_of(const std::filesystem::path& given, const std::filesystem::path& folder);

/// Computes the shares of an audit, shows them, and writes them into `out` unless that is empty. Throws
/// DataError for an audit that the task, or the round in whose folder it lies, says otherwise.
void share_pool(const std::filesystem::path& audit, const std::filesystem::path& task,
                const ShareOptions& options, const std::filesystem::path& out, Log& log);

/// Throws DataError where a folder's rewards do not follow from its audit and from the task, if there is one.
void verify_shares(const std::filesystem::path& folder, const std::filesystem::path& task, Log& log);

/// Prints what a claimant hands to the contract.
void prove_payout(const std::filesystem::path& payout, const round::Address& account, Log& log);

/// What the command line says about a standing. Terms are fixed by the first settlement.
struct SettleOptions {
  std::optional<round::Amount> stake, cost, reward;
  std::optional<round::Fraction> least_rate;
  std::vector<std::pair<std::string, round::Amount>> deposits;  ///< member, put down in all
  bool takes_new_task = false;
};

/// Folds a run's rounds into the standing file, made when it is not there, and shows it.
void settle_run(const std::filesystem::path& run, const std::filesystem::path& standing,
                const SettleOptions& options, Log& log);

}  // namespace cohort::app
