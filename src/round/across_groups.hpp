// Work that each group does by itself, with one outcome for all ranks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cohort/comm/agree.hpp"

namespace cohort::round {

/// Every group runs `work`; afterwards all ranks of `world` agree on the outcome. Collective over `world`;
/// `work` may communicate within `group`.
///
/// What a whole group throws alike (AgreedError, or anything in a group of one rank) waits for the other
/// groups and then ends all. An exception of a single rank passes through at once and ends the job, as its
/// neighbours may be waiting for it.
template <typename F>
void across_groups(comm::Communicator& world, comm::Communicator& group, std::string_view doing, F&& work) {
  std::optional<std::pair<std::string, ExitCode>> failure;
  try {
    work();
  } catch (const comm::AgreedError& e) {
    failure.emplace(e.what(), e.code());
  } catch (const Error& e) {
    if (group.ranks() > 1) throw;
    failure.emplace(e.what(), e.code());
  }
  comm::agree(world, doing, [&] {
    if (failure) throw Error(failure->first, failure->second);
  });
}

}  // namespace cohort::round
