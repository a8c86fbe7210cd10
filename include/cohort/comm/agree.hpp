// Local work that may fail on one rank, with one outcome for all: the way every phase boundary is crossed.
#pragma once

#include <concepts>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "cohort/comm/communicator.hpp"
#include "cohort/core/failure.hpp"
#include "cohort/core/text.hpp"

namespace cohort::comm {

/// Runs `local` on every rank, then agrees on the outcome: if any rank threw, all throw AgreedError with the
/// words and the exit code (as_error) of the lowest rank that failed.
///
/// Collective  every rank of `comm` calls it.
/// Requires    `local` does not communicate (a collective inside it throws at once).
template <std::invocable F>
auto agree(Communicator& comm, std::string_view doing, F&& local) {
  using R = std::invoke_result_t<F>;
  std::optional<std::conditional_t<std::is_void_v<R>, std::monostate, R>> result;
  std::optional<Error> failure;
  {
    const auto guard = comm.forbid_collectives();
    try {
      if constexpr (std::is_void_v<R>) {
        local();
        result.emplace();
      } else {
        result.emplace(local());
      }
    } catch (const std::exception& e) {
      failure = as_error(e);
    }
  }
  const auto first = static_cast<int>(comm.min(failure ? comm.rank() : comm.ranks()));
  if (first < comm.ranks()) {
    const std::string words = comm.broadcast(failure ? failure->what() : "", first);
    const auto agreed_code = static_cast<ExitCode>(
        comm.max(comm.rank() == first ? static_cast<std::int64_t>(failure->code()) : std::int64_t{0}));
    const std::string where = comm.ranks() > 1 ? concat("rank ", first, ": ") : std::string();
    throw AgreedError(concat(doing, ": ", where, words), agreed_code);
  }
  if constexpr (!std::is_void_v<R>) return std::move(*result);
}

}  // namespace cohort::comm
