// How a job was started: ranks, hosts, threads, and hints when the launcher's choices will hurt.
#pragma once

#include <string>
#include <vector>

#include "cohort/comm/communicator.hpp"
#include "cohort/core/json.hpp"
#include "cohort/core/log.hpp"
#include "processors.hpp"

namespace cohort::app {

struct Launch {
  int ranks = 1;
  int hosts = 1;
  int threads = 1;  ///< per rank
  std::vector<RankPlace> places;

  /// "2 ranks on 1 host, 1 thread each"
  [[nodiscard]] std::string text() const;
  /// hosts, ranks, threads, MPI and scheduler, for environment.json.
  [[nodiscard]] Json json() const;
};

/// Looks at all ranks. `threads` 0 becomes automatic_threads, for `jobs` jobs of `units` units of work each,
/// and no more than Slurm gave cores to a task.
/// Collective.
Launch look_at_launch(comm::Communicator& comm, int threads, std::int64_t units, int jobs = 1);

/// Warns of ranks and threads that share cores, and of a launcher that did not start all ranks.
void warn_of_placement(const Launch& launch, Log& log);

/// "Open MPI 4.1.4".
std::string mpi_name();

}  // namespace cohort::app
