#!/bin/sh
# digest_matrix.sh <program> [folder]: every combination of ranks, threads and instruction set, optimizer by optimizer,
# then runs killed at random steps and continued on another rank count. Half an hour on two cores; ends with a table.
#   tests/long/digest_matrix.sh build/dev/bin/cohort | tee tests/long/digest_matrix.log
cohort=$(realpath "$1")
tools=$(cd "$(dirname "$0")/.." && pwd)/support/tools.sh
. "$tools"
fresh "${2:-${TMPDIR:-/tmp}/cohort-digest-matrix}"
tiny_sample >/dev/null 2>&1 || die "tiny sample"
isas=$("$cohort" checks | sed -n 's/^kernels  *\([a-z0-9]*\) .*/\1/p')
compared=0
echo "# $("$cohort" --version), $(uname -m), $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)"
echo "# instruction sets: $(echo $isas)"

# compare <name> <run>
compare() {
  found=$(digest "$2")
  [ "$found" = "$reference" ] || die "$1: $found is not $reference"
  compared=$((compared + 1))
  rm -rf "$2"
}

# killed_after <step> <ranks>: a fresh run, killed once a checkpoint has that step; false when it had ended by then.
killed_after() {
  rm -rf run
  mpirun -q -n "$2" "$cohort" $job --out run --checkpoint-interval 0 >/dev/null 2>err &
  launcher=$!
  wait_for_step run "$1" 60 || die "$recipe: did not come to step $1: $(cat err)"
  kill_launcher
  at=$(step_of run)
  [ "$at" -gt 0 ] && [ "$at" -lt "$steps" ]
}

for recipe in "--optimizer sgd" "--optimizer adamw --lr 0.001" "--optimizer lars --lr 1" "--model resnet18 --stem cifar"; do
  base="--model cnn-small --lr 0.05" steps=12
  case $recipe in
    *--lr*) base="--model cnn-small" ;;
    *--model*) base="--lr 0.05" steps=4 ;; # ten minutes a run where kernels are scalar, with twelve
  esac
  job="train --data tiny.h5 --batch-size 32 --micro-batch 4 --smoothing 0.1 --class-weights balanced --sampler balanced
    --ema-decay 0.9 --clip-norm 1 --augment-shift 2 --augment-brightness 0.2 --augment-contrast 0.2 --augment-colour 0.2
    --epochs 20 --max-steps $steps --quiet $base $recipe"
  rm -rf reference
  "$cohort" $job --out reference --isa scalar --threads 1 >/dev/null || die "reference of $recipe"
  reference=$(digest reference)
  for isa in $isas; do
    for threads in 1 2; do
      for count in 1 2 3 4 7; do
        [ $((count * threads)) -le 8 ] || continue # a batch has eight micro-batches
        mpirun -q -n $count "$cohort" $job --out run --isa "$isa" --threads $threads >/dev/null 2>err ||
          die "$recipe, $count ranks, $threads threads, $isa: $(cat err)"
        compare "$recipe, $count ranks, $threads threads, $isa" run
      done
    done
  done
  for trial in 1 2 3 4 5; do # killed at a step that differs from trial to trial, continued on other rank counts
    tries=6
    until killed_after $(((trial * 2 - 2) % (steps - 2) + 1)) $((trial % 3 + 1)); do
      tries=$((tries - 1)) && [ $tries -gt 0 ] || die "$recipe: the kill never came before the end of the run"
    done
    mpirun -q -n $((5 - trial % 3)) "$cohort" $job --out run >/dev/null 2>err || die "continue after step $at: $(cat err)"
    compare "$recipe, killed after step $at" run
  done
  printf '%-36s %s\n' "$recipe" "$reference"
done
echo "ok: $compared runs, each with the digest of its recipe"
