# What every batch script of cohort sources: sets up the machine, says nothing about the training.
# Adapt the two marked lines to your cluster; nothing else here depends on it.

# module load gcc openmpi openblas hdf5 opencv boost       # 1: or whatever provides the libraries
export PATH="${COHORT_HOME:-$HOME/.local}/bin:$PATH"     # 2: where cohort is installed

# srun does not inherit --cpus-per-task from sbatch (Slurm 22.05 and later).
if [ -n "${SLURM_CPUS_PER_TASK:-}" ]; then export SRUN_CPUS_PER_TASK=$SLURM_CPUS_PER_TASK; fi
# Threads belong to cohort, which counts cores and work; libraries below it stay out of the way.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

# stop_or_requeue <exit code>: cohort ends with 85 when it stopped early with a good checkpoint. The job then goes
# back into the queue and the same command continues it, at most COHORT_MAX_RESTARTS times (default 50).
stop_or_requeue() {
  if [ "$1" -eq 85 ] && [ -n "${SLURM_JOB_ID:-}" ]; then
    if [ "${SLURM_RESTART_COUNT:-0}" -lt "${COHORT_MAX_RESTARTS:-50}" ]; then
      echo "stopped with a good checkpoint: requeueing job $SLURM_JOB_ID (restart $((${SLURM_RESTART_COUNT:-0} + 1)))"
      scontrol requeue "$SLURM_JOB_ID" && sleep 60  # Slurm ends this script itself
    else
      echo "stopped with a good checkpoint, but restarted ${SLURM_RESTART_COUNT} times already: submit again to go on" >&2
    fi
  fi
  exit "$1"
}
