#!/bin/sh
# other_compiler.sh <source root> <build folder> <expected digest file> <native|aarch64> <compiler> [flags...]
# Builds the golden program from the sources alone with another compiler, runs it (under qemu-user for aarch64) on each
# instruction set, and compares with the pinned digest. Exit 77 when the compiler or the emulator is missing.
set -eu
root=$1; build=$2; expected=$(cat "$3"); machine=$4; compiler=$5; shift 5
command -v "$compiler" >/dev/null || { echo "skipped: no $compiler"; exit 77; }
case $machine in
  native) run=; link=; sets="auto avx2 scalar" ;;
  aarch64)
    run=$(command -v qemu-aarch64 || command -v qemu-aarch64-static) || { echo "skipped: no qemu-aarch64"; exit 77; }
    link=-static; sets="neon scalar" ;;
esac
grep -q ' avx2 ' /proc/cpuinfo || [ "$machine" != native ] || sets="auto scalar"
mkdir -p "$build"
objects=
compile() {  # compile <source> [flags]
  source=$1; shift
  object=$build/$(echo "$source" | tr '/' '_').o
  if [ ! -f "$object" ] || [ "$root/$source" -nt "$object" ] || [ -n "$(find "$root/include" "$root/src" \( -name '*.hpp' -o -name '*.inc' \) -newer "$object" | head -n 1)" ]; then
    "$compiler" -std=c++20 -O2 -ffp-contract=off -fno-math-errno -I"$root/include" -I"$root/src" "$@" -c "$root/$source" -o "$object"
  fi
  objects="$objects $object"
}
cd "$root"
for source in src/core/error.cpp src/core/text.cpp src/core/philox.cpp src/core/exact_*.cpp src/core/fixed_point.cpp \
              src/kernels/*.cpp src/nn/*.cpp src/optim/*.cpp tests/digest/portable_sha256.cpp tests/digest/golden.cpp; do
  compile "$source" "$@"
done
compile src/kernels/exact/unit_scalar.cpp -O3
if [ "$machine" = native ]; then
  compile src/kernels/exact/unit_avx2.cpp -O3 -mavx2 -mfma
  compile src/kernels/exact/unit_avx512.cpp -O3 -mavx512f -mavx512vl -mavx512bw -mavx512dq -mfma
else
  compile src/kernels/exact/unit_neon.cpp -O3
fi
"$compiler" $link $objects -o "$build/golden_digest"
for set in $sets; do
  actual=$($run "$build/golden_digest" "$set")
  echo "$machine $compiler $set $actual"
  [ "$actual" = "$expected" ] || { echo "expected $expected"; exit 1; }
done
