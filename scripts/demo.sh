#!/bin/sh
# Installs what is missing, builds, and runs the main job on the built-in sample: draw lesions, import them, train on
# two ranks through mpirun, evaluate on images never seen. Ends with a table and a picture.
#   scripts/demo.sh [folder]      (default: runs/demo; everything but the build goes there)
# With COHORT=<program> it installs and builds nothing and uses that program. Fails below 0.90 test accuracy.
set -eu
whole() { case $1 in /*) echo "$1" ;; *) echo "$PWD/$1" ;; esac; } # paths mean what they mean to the caller
out=${1:+$(whole "$1")}
cohort=${COHORT:-}
case $cohort in */*) cohort=$(whole "$cohort") ;; esac
cd "$(dirname "$0")/.."
. scripts/packages.sh
out=${out:-runs/demo} cohort=${cohort:-build/release/bin/cohort}
if [ -z "${COHORT:-}" ]; then
  install_missing $build_packages
  if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache CMAKE_C_COMPILER_LAUNCHER=ccache; fi
  cmake --preset release >/dev/null
  cmake --build --preset release
fi

ranks=$(nproc)
[ "$ranks" -gt 4 ] && ranks=4
# A plain mpirun refuses root and may put two ranks on one core; neither helps on a laptop or in a container.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
launch="mpirun -q --bind-to none --oversubscribe -n $ranks"

started=$(date +%s)
mkdir -p "$out"
[ -f "$out/sample/metadata.csv" ] || "$cohort" synth --out "$out/sample" --threads "$(nproc)"
[ -f "$out/sample.h5" ] || "$cohort" import "$out/sample" --out "$out/sample.h5" --size 48 --threads "$(nproc)"
$launch "$cohort" train jobs/demo.toml --data "$out/sample.h5" --out "$out/run"
$launch "$cohort" evaluate "$out/run" --data "$out/sample.h5" --split test --out "$out/evaluation" \
  --require "accuracy>=0.90"
echo "whole demonstration after the build: $(($(date +%s) - started)) s"
echo "pictures: $out/run/plots/results.png $out/evaluation/confusion_matrix.png"
