// What the launcher's environment says before MPI starts.
#pragma once

namespace cohort::app {

/// How many processes a launcher (mpirun, srun) started together with this one; 1 when there is none or when
/// it does not say.
int launched_processes();

}  // namespace cohort::app
