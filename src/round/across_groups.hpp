// Work that each group does by itself, with one outcome for all ranks.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cohort/comm/agree.hpp"
#include "round/stop_wish.hpp"

namespace cohort::round {

/// Every group runs `work`; afterwards all ranks of `world` agree on the outcome. Collective over `world`;
/// `work` may communicate within `group`.
///
/// What a whole group throws alike (AgreedError, or any Error in a group of one rank) is told to the other
/// groups through `stop`, so that they need not finish first: their work is to end early, with its state
/// kept, where that wish is there. Then it ends all. An exception of a single rank passes through at once and
/// ends the job, as its neighbours may be waiting for it.
template <typename F>
void across_groups(comm::Communicator& world, comm::Communicator& group, StopWish& stop,
                   std::string_view doing, F&& work) {
  std::optional<std::pair<std::string, ExitCode>> failure;
  try {
    work();
  } catch (const comm::AgreedError& e) {
    failure.emplace(e.what(), e.code());
  } catch (const Error& e) {
    if (group.ranks() > 1) throw;
    failure.emplace(e.what(), e.code());
  }
  if (failure && group.is_root() && group.ranks() < world.ranks()) {
    try {
      stop.tell_others();
    } catch (const std::exception&) {
      // They would not hear of it for hours: as one rank's own trouble it ends the job now.
      throw Error(failure->first, failure->second);
    }
  }
  comm::agree(world, doing, [&] {
    if (failure) throw Error(failure->first, failure->second);
  });
}

}  // namespace cohort::round
