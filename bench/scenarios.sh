#!/bin/sh
# scenarios.sh <program> [folder] [seeds] [data]: whether working together pays. For each seed, right answers on the 500
# test images of: the model after three rounds (approach 1 and 2), the ten devices trained alone for as many steps, one
# model trained through allreduce on all images, and central training with the devices' batch size and number of steps.
# The audits leave out the replay, which takes time and changes no honest run's model.
#   bench/scenarios.sh build/bench/bin/cohort
#   bench/scenarios.sh build/bench/bin/cohort melanoma 0 melanoma.h5    (imported as the jobs say)
set -eu
cohort=$(realpath "$1")
jobs=$(cd "$(dirname "$0")/../jobs" && pwd)
folder=${2:-${TMPDIR:-/tmp}/cohort-scenarios}
seeds=${3:-0 1 2 3 4}
data=${4:+$(realpath "$4")}
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mkdir -p "$folder"
cd "$folder"
[ -n "$data" ] || [ -f sample.hidden.h5 ] || { "$cohort" synth --out sample --quiet && "$cohort" import sample --out sample.h5 --size 48 --quiet >/dev/null; }
data=${data:-sample.h5}

# train <job> <run> <seed> <options...>: on two ranks; a run that is done stays.
train() {
  job=$1 run=$2 seed=$3
  shift 3
  mpirun -q -n 2 --oversubscribe --bind-to none "$cohort" train "$job" --data "$data" --out "$run" --seed "$seed" --threads 1 "$@" \
    >"$run.log" 2>&1 || { tail -5 "$run.log" >&2; exit 1; }
}
# correct <model>: right answers on the test images.
correct() { "$cohort" evaluate "$1" --data "$data" --split test --out evaluation 2>/dev/null | sed -n 's/^accuracy .*(\([0-9]*\) of.*/\1/p'; }
setting() { sed -n "s/^$1 = \([0-9]*\).*/\1/p" "$jobs/approach2-speed.toml"; }

# Each device keeps its own model; nothing else differs from approach 2.
sed '/^\[merge\]/,/^$/c [merge]\nrule = "none"\n' "$jobs/approach2-speed.toml" |
  sed '/^\[audit\]/,/^$/c [audit]\nevidence = "claim"\n' | sed '/^\[reward\]/,$d' >alone.toml
rounds=$(setting rounds)
steps=$((rounds * $(setting round_steps)))
images=$("$cohort" inspect "$data" | sed -n '1s/.*: \([0-9]*\) train,.*/\1/p')
sed '/^rounds\|^candidates\|^round_steps\|^link_steps\|^schedule_spans/d; /^\[partition\]/,$d' "$jobs/approach2-speed.toml" >central.toml
epochs=$(awk "BEGIN { print $steps * $(setting batch_size) / $images }")
sed -i "1a epochs = $epochs\nmax_steps = $steps" central.toml

echo "# $("$cohort" --version), $(uname -m); $steps steps; correct of 500 test images"
printf '%4s %8s %8s %11s %11s %10s %8s\n' seed explore speed alone-mean alone-best allreduce central
for seed in $seeds; do
  for job in approach1-explore approach2-speed approach2-allreduce; do
    train "$jobs/$job.toml" "$job-$seed" $seed --evidence hidden
  done
  train alone.toml alone-$seed $seed
  train central.toml central-$seed $seed
  alone=$(for model in alone-$seed/rounds/00$rounds/submissions/*.h5; do correct "$model"; done)
  printf '%4d %8d %8d %11.1f %11d %10d %8d\n' $seed "$(correct approach1-explore-$seed/checkpoints/last.h5)" \
    "$(correct approach2-speed-$seed/checkpoints/last.h5)" "$(echo "$alone" | awk '{ s += $1 } END { print s / NR }')" \
    "$(echo "$alone" | sort -n | tail -1)" "$(correct approach2-allreduce-$seed/checkpoints/last.h5)" \
    "$(correct central-$seed/checkpoints/last.h5)"
done
