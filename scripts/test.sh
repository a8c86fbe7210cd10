#!/bin/sh
# Installs what is missing, builds everything with warnings as errors, runs all tests. From any folder.
#   scripts/test.sh [ctest arguments, for example -L unit]
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh
install_missing $build_packages $test_packages
if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache CMAKE_C_COMPILER_LAUNCHER=ccache; fi
cmake --preset dev
cmake --build --preset dev
ctest --preset dev "$@"
