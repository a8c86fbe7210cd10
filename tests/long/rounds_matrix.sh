#!/bin/sh
# rounds_matrix.sh <program> [folder]: the jobs as shipped, on 1, 2, 5, 10 and 20 ranks, must write the same bytes. About
# an hour on two cores; ends with a table.
#   tests/long/rounds_matrix.sh build/dev/bin/cohort | tee tests/long/rounds_matrix.log
cohort=$(realpath "$1")
tools=$(cd "$(dirname "$0")/.." && pwd)/support/tools.sh
. "$tools"
jobs=$(cd "$support/../../jobs" && pwd)
fresh "${2:-${TMPDIR:-/tmp}/cohort-rounds-matrix}"
"$cohort" synth --out sample --quiet && "$cohort" import sample --out sample.h5 --size 48 --quiet || die "sample"
echo "# $("$cohort" --version), $(uname -m), $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)"
for job in approach1-explore approach2-speed approach2-allreduce; do
  for count in 1 2 5 10 20; do
    started=$(date +%s)
    mpirun -q -n $count "$cohort" train "$jobs/$job.toml" --data sample.h5 --out "$job-$count" --threads 1 >log 2>&1 ||
      die "$job on $count ranks: $(cat log)"
    for file in $(cd "$job-1" && find task.json hidden-ledger.json rounds -name '*.json' ! -name progress.json) \
      $(cd "$job-1" && find rounds -path '*submissions/*.h5'); do
      cmp "$job-1/$file" "$job-$count/$file" || die "$job on $count ranks: $file differs"
    done
    printf '%-20s %2d ranks  %4d s  %s\n' "$job" $count $(($(date +%s) - started)) "$(digest "$job-$count")"
    [ $count -eq 1 ] || rm -rf "$job-$count"
  done
done
echo "ok: rounds"
