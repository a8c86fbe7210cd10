#!/bin/sh
# digests.sh <program> <source root> <folder>: a covering set of ways to compute one training run. Every way must end
# in the same bits. The full matrix is tests/long/digest_matrix.sh.
cohort=$1 root=$2 folder=$3
tools=$root/tests/support/tools.sh
. "$tools"
fresh "$folder"
tiny_sample || die "tiny sample"
steps=30
job="train --data tiny.h5 $tiny_job --epochs 20 --max-steps $steps"
isas=$("$cohort" checks | sed -n 's/^kernels  *\([a-z0-9]*\) .*/\1/p')
has() { echo "$isas" | grep -qx "$1"; }
fast=avx2 && has avx512 && fast=avx512
has avx2 || fast=scalar

"$cohort" $job --out reference --isa scalar --threads 1 >/dev/null || die "reference"
reference=$(digest reference)
echo "reference   scalar, no mpirun, 1 thread   $reference"
cases=1

# same <name> <run>: its state is the reference's.
same() {
  found=$(digest "$2")
  [ "$found" = "$reference" ] || die "$1: $found is not the reference $reference"
  echo "same        $1"
  cases=$((cases + 1))
}

# way <name> <ranks> <options...>
way() {
  name=$1 count=$2
  shift 2
  mpirun -q -n "$count" "$cohort" $job --out "run$cases" "$@" >/dev/null 2>err || die "$name: $(cat err)"
  same "$name" "run$cases"
}

"$cohort" $job --out alone --isa $fast --threads 2 >/dev/null || die "alone"
same "no mpirun, 2 threads, $fast" alone
has avx2 && way "1 rank, 1 thread, avx2" 1 --isa avx2 --threads 1
way "2 ranks, 2 threads, $fast" 2 --isa $fast --threads 2
way "3 ranks, 1 thread, scalar" 3 --isa scalar --threads 1
way "4 ranks, 1 thread, $fast" 4 --isa $fast --threads 1
way "7 ranks, 1 thread, auto" 7 --threads 1
way "2 ranks, validated at the end alone" 2 --threads 1 --validate-every 0

# interrupt <run> <signal> <ranks>: starts the run and sends the signal once it has a checkpoint, as often as it takes to come in
# time; a run that ends before its signal was not interrupted and proves nothing.
interrupt() {
  for attempt in 1 2 3 4 5 6; do
    rm -rf "$1"
    mpirun -q -n "$3" "$cohort" $job --out "$1" --checkpoint-interval 0 >/dev/null 2>err &
    launcher=$!
    wait_for_file "$1/checkpoints/last.h5" 20 || die "did not start: $(cat err)"
    victims=$launcher
    [ "$2" = KILL ] && victims="$launcher $(children $launcher)"
    kill "-$2" $victims 2>/dev/null
    wait $launcher 2>/dev/null
    code=$?
    launcher=
    at=$(step_of "$1")
    [ "$at" -gt 0 ] && [ "$at" -lt $steps ] && return
    echo "note: $2 came too late in attempt $attempt, after step $at"
  done
  die "$2 never came before the end of the run"
}

# Killed without warning in the middle, continued on another number of ranks, stopped by a signal, continued again.
interrupt killed KILL 2
mpirun -q -n 3 "$cohort" $job --out killed --isa $fast >/dev/null 2>err || die "continue: $(cat err)"
same "2 ranks, killed after step $at, continued on 3" killed

interrupt stopped USR1 3
[ $code -eq 85 ] || die "USR1: ended with $code"
"$cohort" $job --out stopped --threads 2 >/dev/null 2>err || die "continue: $(cat err)"
same "3 ranks, stopped after step $at (code $code), continued without mpirun" stopped
echo "ok: $cases ways, one digest"
