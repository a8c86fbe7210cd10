#!/bin/sh
# audit_cost.sh <program> [folder]: what an audit costs beside the training that it examines, in processor time: counting
# the claims again, and replaying c of N links; one round of jobs/approach2-speed.toml, 60 steps in twelve links.
#   bench/audit_cost.sh build/bench/bin/cohort
set -eu
cohort=$(realpath "$1")
jobs=$(cd "$(dirname "$0")/../jobs" && pwd)
folder=${2:-${TMPDIR:-/tmp}/cohort-audit-cost}
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"

# processor_s <command...>: user and system time.
processor_s() {
  /usr/bin/time -f '%U %S' -o time "$@" >out 2>&1 || { cat out >&2; exit 1; }
  awk '{ print $1 + $2 }' time
}
# one_round <name> <evidence> <links>: trains a round, which pays nothing; prints the time of training, audit and merge.
one_round() {
  sed "s/^rounds = .*/rounds = 1/; s/^round_steps = .*/round_steps = 60/; s/^link_steps = .*/link_steps = 5/; s/^evidence = .*/evidence = \"$2\"/; s/^links = .*/links = $3/" \
    "$jobs/approach2-speed.toml" | sed '/^\[reward\]/,$d' >"$1.toml"
  processor_s "$cohort" train "$1.toml" --data sample.h5 --out "$1" --threads 1 --quiet
}
audit_of() { processor_s "$cohort" audit "$1" --round 1 --threads 1; }

"$cohort" synth --out sample --quiet
"$cohort" import sample --out sample.h5 --size 48 --quiet >/dev/null
echo "# $("$cohort" --version), $(uname -m), $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)"
for repeat in 1 2 3; do
  rm -rf claim
  whole=$(one_round claim claim 0)
  claim=$(audit_of claim)
  training=$(awk "BEGIN { print $whole - $claim }")
  printf 'training %s s; claim audit %s s, %s of it\n' "$training" "$claim" "$(awk "BEGIN { printf \"%.3f\", $claim / $training }")"
  for links in 0 2 4 10; do
    rm -rf replay
    one_round replay replay $links >/dev/null
    replay=$(audit_of replay)
    printf 'replay of %2d of 12 links %s s, %s of training\n' $((links + 2)) "$replay" \
      "$(awk "BEGIN { printf \"%.3f\", $replay / $training }")"
  done
done
