#!/bin/sh
# demo.sh <program> <source root> <scratch folder>: the demonstration from its first image to its table, and what linear
# models make of the same file. Fails below 0.90 test accuracy, or when the sample is too easy: raw pixels above 0.70, mean
# colours above 0.75.
set -eu
rm -rf "$3"
COHORT=$1 sh "$2/scripts/demo.sh" "$3"
for picture in run/plots/results.png evaluation/confusion_matrix.png; do
  [ -s "$3/$picture" ] || { echo "no $picture"; exit 1; }
done
python=/usr/bin/python3
$python -c 'import h5py, sklearn' 2>/dev/null || { echo "baselines not checked: no h5py or scikit-learn"; exit 77; }
$python "$2/tests/e2e/baselines.py" "$3/sample.h5" 0.70 0.75
