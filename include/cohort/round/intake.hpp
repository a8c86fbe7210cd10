// What a member in another house hands in, taken into the place where an audit looks for it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/data/partition.hpp"
#include "cohort/nn/state_layout.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/round/task.hpp"

namespace cohort::round {

/// The round that is handed in to. The caller holds its folder.
struct Intake {
  const RoundPaths& run;
  const Task& task;
  const nn::StateLayout& layout;
  const data::Dataset& dataset;
  const data::Partition& partition;
  std::int64_t round = 1;
  Digest parent{};  ///< of the model that the round starts from
};

/// All that shows at a glance that what is given is not this member's for this round, each with the member's
/// name; empty when it may be taken in. Whether the work is good is the audit's to say: a slip that shows
/// here would be found there as well, after the round is closed for good.
std::vector<std::string> intake_problems(const Intake& intake, const HandedIn& given);

/// Copies the submission and the states that its chain names into the run folder, and nothing else of what is
/// given: a folder of the form that `contribute` writes, or a submission alone. States that are there already
/// and differ are replaced; the submission comes last.
///
/// Returns   how many of the chain's states are in their place afterwards.
/// Requires  no intake_problems().
/// Throws    DataError where a file has become another kind of thing or longer than the task allows; Error
/// for
///           the disk.
std::int64_t take_in(const Intake& intake, const HandedIn& given);

/// Whether the round has this very submission already, or has one of the member where nothing is given any
/// more.
bool was_taken_in(const RoundPaths& run, std::int64_t round, const HandedIn& given);

}  // namespace cohort::round
