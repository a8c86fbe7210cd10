#include "launcher.hpp"

#include <algorithm>
#include <cstdlib>

#include "cohort/core/text.hpp"

namespace cohort::app {

int launched_processes() {
  // Open MPI's mpirun, PMI launchers (Hydra), srun inside a step.
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}) {
    const char* text = std::getenv(name);
    if (const auto count = text ? parse_int(text) : std::nullopt)
      return static_cast<int>(std::clamp<std::int64_t>(*count, 1, 1 << 24));
  }
  return 1;
}

}  // namespace cohort::app
