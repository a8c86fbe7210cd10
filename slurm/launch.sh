# Starts cohort train, or the command that COHORT_COMMAND names, on the ranks of the job that sources it, and ends as
# it ended. Sourced by every batch script:
#   . slurm/launch.sh JOB.toml --data FILE.h5 --out DIR
# First choice is srun; sbatch --export=ALL,COHORT_LAUNCH=mpirun --signal=B:USR1@180 … takes mpirun.
# A rank takes as many threads as Slurm gave it cores (SLURM_CPUS_PER_TASK) and the job has micro-batches for.

case "${COHORT_LAUNCH:-srun}" in
  srun)
    # First choice: Slurm starts the ranks (needs 'pmix' in the output of 'srun --mpi=list') and signals them itself.
    srun --mpi=pmix --kill-on-bad-exit=1 cohort "${COHORT_COMMAND:-train}" "$@"
    code=$?
    ;;
  mpirun)
    # Second choice, for clusters without PMIx: sbatch --export=ALL,COHORT_LAUNCH=mpirun --signal=B:USR1@180 …
    # With B: only this shell gets the signal, so it is passed on; mpirun forwards USR1 to all ranks. TERM goes on as
    # USR1, too: Open MPI ends ranks one second after a TERM, and a longer odls_base_sigkill_timeout would also delay
    # the end of every job that stops with code 85 by twice that time.
    mpirun -q --map-by "slot:PE=${SLURM_CPUS_PER_TASK:-1}" cohort "${COHORT_COMMAND:-train}" "$@" &
    pid=$!
    trap 'kill -USR1 "$pid"' USR1 TERM
    wait "$pid"
    code=$?
    while kill -0 "$pid" 2>/dev/null; do # wait returns early when a trap runs
      wait "$pid"
      code=$?
    done
    ;;
  *)
    echo "COHORT_LAUNCH is '$COHORT_LAUNCH'; it must be srun or mpirun" >&2
    exit 2
    ;;
esac
stop_or_requeue "$code"
