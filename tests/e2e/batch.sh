#!/bin/sh
# batch.sh <program> <source root> <folder>: slurm/train.sbatch as Slurm would run it, with the mpirun launch and a
# stand-in for scontrol: the signal before the time limit must end in a checkpoint, code 85 and a requeue, and the
# second start must continue.
cohort=$1 root=$2 folder=$3
tools=$root/tests/support/tools.sh
. "$tools"
fresh "$folder"
tiny_sample >/dev/null || die "tiny sample"
[ "$(getconf _NPROCESSORS_ONLN)" -ge 2 ] || skip "two ranks, each bound to a core, need two"
mkdir bin slurm
cp "$root"/slurm/*.sh slurm/
ln -s "$cohort" bin/cohort
printf '#!/bin/sh\necho "$*" >>requeued\nexit 1\n' >bin/scontrol # 1: so that the script does not wait to be ended
chmod +x bin/scontrol
export COHORT_HOME="$PWD" COHORT_LAUNCH=mpirun SLURM_JOB_ID=42 SLURM_SUBMIT_DIR="$PWD" SLURM_CPUS_PER_TASK=1
# Inside a job Slurm tells mpirun how many ranks to start; here two.
printf '#!/bin/sh\nexec %s -n 2 "$@"\n' "$(command -v mpirun)" >bin/mpirun
chmod +x bin/mpirun

bash "$root/slurm/train.sbatch" --data tiny.h5 --out run $tiny_job --epochs 100000 --checkpoint-interval 0.2s >out 2>&1 &
launcher=$!
wait_for_file run/checkpoints/last.prev.h5 30 || die "did not start: $(cat out)"
kill -USR1 $launcher
started=$(date +%s)
wait $launcher
code=$?
launcher=
[ $(($(date +%s) - started)) -le 20 ] || die "took too long to end"
[ $code -eq 85 ] || die "ended with $code: $(cat out)"
grep -qx "requeue 42" requeued || die "the job was not requeued: $(cat out)"
at=$(step_of run)
bash "$root/slurm/train.sbatch" --data tiny.h5 --out run $tiny_job --epochs 100000 --max-steps $((at + 3)) >out 2>&1 ||
  die "second start: $(cat out)"
[ "$(step_of run)" -eq $((at + 3)) ] || die "did not continue after step $at"
export SLURM_RESTART_COUNT=99
rm requeued
bash "$root/slurm/train.sbatch" --data tiny.h5 --out run $tiny_job --epochs 100000 --max-time 1s >out 2>&1
code=$?
[ $code -eq 85 ] || die "--max-time ended with $code: $(cat out)"
[ ! -e requeued ] || die "requeued without end"
echo "ok: stopped after step $at, requeued, continued"
