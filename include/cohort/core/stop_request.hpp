// Signals that ask for a checkpoint and an orderly stop. Handlers set a flag; the flag travels in the step's
// control message, so that all ranks stop at the same step.
#pragma once

namespace cohort {

/// Installs handlers for SIGUSR1, SIGUSR2, SIGTERM and SIGINT (a second SIGINT within 5 s ends the process at
/// once); ignores SIGHUP. Call before MPI starts: the default action of SIGUSR1 kills.
void install_stop_handlers();

/// The number of the signal that asked to stop, or 0.
int stop_requested();

}  // namespace cohort
