#!/bin/sh
# Builds the benchmarks and prints the figures that bench/README.md records. Needs a quiet machine of two cores or more.
#   bench/run.sh [kernels|elementwise|step|ranks|reduction|merge|payout|peers]...     (default: all but peers)
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh
install_missing $build_packages libbenchmark-dev libdnnl-dev
cmake --preset bench >/dev/null
cmake --build --preset bench
bin=build/bench/bench
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
pin() { taskset -c 0 "$@"; }
# Names the one-thread step on this machine's best instruction set, which is listed first.
best_step() { $bin/bench_step --benchmark_list_tests=true --benchmark_filter='cifar/s28/b128/m32/t1/' | grep -m 1 '^step'; }

lscpu | grep -E 'Model name|^CPU\(s\)|L2|L3'
for part in ${*:-kernels elementwise step ranks reduction merge payout}; do
  echo "== $part"
  case $part in
    kernels) pin $bin/bench_kernels ;;
    elementwise) pin $bin/bench_elementwise ;;
    step) pin $bin/bench_step --benchmark_color=false --benchmark_filter='t1/' --benchmark_repetitions=3 --benchmark_report_aggregates_only=true ;;
    ranks)  # one and two ranks in turn
      step=$(best_step)
      for round in 1 2 3; do
        for ranks in 1 2; do
          mpirun -q --bind-to core -n $ranks $bin/bench_step --benchmark_color=false --benchmark_filter="$step" | grep '^step'
        done
      done ;;
    reduction) mpirun -q --bind-to core -n 2 $bin/bench_reduction ;;
    merge) $bin/bench_merge --benchmark_color=false --benchmark_repetitions=5 --benchmark_report_aggregates_only=true ;;
    payout) pin $bin/bench_payout --benchmark_color=false --benchmark_repetitions=5 --benchmark_report_aggregates_only=true ;;
    peers)  # the same step by PyTorch and by us, in turn, one core each
      install_missing python3-torch python3-torchvision python3-h5py python3-sklearn
      step=$(best_step)
      for round in 1 2 3; do
        pin $bin/bench_step --benchmark_color=false --benchmark_filter="$step" | grep '^step'
        pin /usr/bin/python3 bench/peers/torch_resnet.py step --size 28 --batch 128 --threads 1
      done ;;
    *) echo "unknown part: $part" >&2; exit 2 ;;
  esac
done
