// Which processors this process may use, and whether ranks and threads get in each other's way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::app {

/// Numbers of the processors that the operating system lets this process run on, ascending.
std::vector<int> allowed_processors();
int allowed_processor_count();
/// "0-3,8".
std::string processor_list(const std::vector<int>& processors);

/// Where one rank may run.
struct RankPlace {
  std::string host;
  std::vector<int> processors;
  int host_processors = 0;  ///< all that its host has
};
/// This process's place as one line of text, and back: for an exchange between ranks.
std::string pack_place(const std::string& host);
RankPlace unpack_place(std::string_view text);

/// Threads per rank that fill the processors without sharing any: the same number for all ranks, at least 1.
int fitting_threads(const std::vector<RankPlace>& places);

/// Threads per rank where nobody asks for a number: as many as fit, and at most so many that a group of ranks
/// has no more workers than `units`, what can be worked on at once. `jobs` of so many units each are dealt to
/// min(jobs, ranks) groups, each of which does its own in turn. At least 1, which may still be too many.
///
/// Requires  jobs and ranks of at least 1.
int automatic_threads(int fitting, std::int64_t units, int jobs, int ranks);

/// What is wrong with running `threads` threads on every rank, and what to do about it; empty when nothing
/// is.
std::vector<std::string> placement_warnings(const std::vector<RankPlace>& places, int threads);

}  // namespace cohort::app
