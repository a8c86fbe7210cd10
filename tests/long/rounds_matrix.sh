#!/bin/sh
# rounds_matrix.sh <program> [steps a round] [folder]: the jobs of rounds on 1, 2, 5, 10 and 20 ranks, and killed within a
# round's training, within its audit and between two rounds, each time continued on another number of ranks: all must write
# the same bytes. With the jobs' own 160 steps about an hour and a half on two cores; ends with a table.
#   tests/long/rounds_matrix.sh build/dev/bin/cohort 40 | tee tests/long/rounds_matrix.log
cohort=$(realpath "$1")
tools=$(cd "$(dirname "$0")/.." && pwd)/support/tools.sh
. "$tools"
jobs=$(cd "$support/../../jobs" && pwd)
steps=${2:-160}
fresh "${3:-${TMPDIR:-/tmp}/cohort-rounds-matrix}"
"$cohort" synth --out sample --quiet && "$cohort" import sample --out sample.h5 --size 48 --quiet >/dev/null || die "sample"
echo "# $("$cohort" --version), $(uname -m), $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1); $steps steps a round"

# way <ranks> <run>: starts or continues the job in a run, in the background.
way() {
  mpirun -q -n "$1" "$cohort" train $job.toml --data sample.h5 --out "$2" --threads 1 --checkpoint-interval 1 >log 2>&1 &
  launcher=$!
}
# whole <ranks> <run>: until it has ended well.
whole() {
  started=$(date +%s)
  way "$1" "$2"
  wait $launcher || die "$job on $1 ranks: $(cat log)"
  launcher=
  took=$(($(date +%s) - started))
}
# row <ways> <run>
row() {
  printf '%-20s %-52s %4d s  %s\n' "$job" "$1" "$took" "$(digest "$2")"
}
# killed_at <pattern of a file> <ranks> <later file>: runs until there is such a file, then kills, before the later one.
killed_at() {
  way "$2" killed
  tries=12000
  until [ -n "$(find killed/rounds -path "$1" 2>/dev/null | head -1)" ]; do
    kill -0 $launcher 2>/dev/null && [ $tries -gt 0 ] || die "$job: no $1: $(cat log)"
    sleep 0.05 && tries=$((tries - 1))
  done
  kill_launcher
  [ ! -e "$3" ] || die "$job: the kill came too late, $3 is there"
}

for name in approach1-explore approach2-speed approach2-allreduce; do
  job=$name-job
  sed "s/^round_steps = .*/round_steps = $steps/; s/^link_steps = .*/link_steps = $((steps / 4))/" "$jobs/$name.toml" >$job.toml
  whole 1 reference
  row "1 rank" reference
  for count in 2 5 10 20; do
    whole $count other
    same_rounds "$job on $count ranks" other reference
    row "$count ranks" other
    rm -rf other
  done
  killed_at 'killed/rounds/001/candidates/*/progress.json' 5 killed/rounds/001/examined.json
  killed_at 'killed/rounds/001/findings/*.json' 2 killed/rounds/001/round.json
  killed_at 'killed/rounds/001/round.json' 10 killed/rounds/002/examined.json
  killed_at 'killed/rounds/002/candidates/*/progress.json' 3 killed/rounds/002/examined.json
  whole 20 killed
  same_rounds "$job killed" killed reference
  row "killed four times: 5, 2, 10, 3, then 20 ranks" killed
  rm -rf killed reference
done
echo "ok: rounds"
