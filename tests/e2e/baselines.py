#!/usr/bin/python3
"""What a linear model makes of a packed data set: the floor that a network has to leave behind.

Usage: baselines.py FILE.h5 [PIXELS_AT_MOST COLOURS_AT_MOST]

Fits logistic regression to the raw pixels and to the mean and spread of the colours, on the training images,
and prints the accuracy on the test images. Features are standardised on the training images. The strength of
the regularisation is chosen on the validation images (cross-validation over patients where there are none);
the accuracy of every strength is printed beside it, so that the choice hides nothing. With two limits it fails
when the pixels or the mean colours do better than them.
Needs h5py, numpy and scikit-learn (Debian: python3-h5py python3-sklearn).
"""
import os
import sys
import warnings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import h5py
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

TRAIN, VALIDATION, TEST = 0, 1, 2
STRENGTHS = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]


def read(path):
    with h5py.File(path, "r") as file:
        images = file["images"][:].astype(np.float32) / 255.0
        labels = file["labels"][:]
        splits = file["splits"][:]
        patients = file["patients"][:] if "patients" in file else np.arange(len(labels)).astype("S")
    _, groups = np.unique(patients, return_inverse=True)
    return images, labels, splits, groups


def fit_and_print(title, features, labels, splits, groups):
    train, validation, test = (splits == part for part in (TRAIN, VALIDATION, TEST))
    rows = []
    for strength in STRENGTHS:
        model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=400))
        if validation.any():
            model.fit(features[train], labels[train])
            chosen_by = model.score(features[validation], labels[validation])
        else:
            folds = GroupKFold(5)
            scores = cross_val_score(model, features[train], labels[train], groups=groups[train], cv=folds)
            chosen_by = scores.mean()
            model.fit(features[train], labels[train])
        rows.append((chosen_by, model.score(features[test], labels[test]), strength))
    best = max(rows)
    sweep = "  ".join(f"C={strength:g}: {accuracy:.3f}" for _, accuracy, strength in rows)
    print(f"logistic regression on {title:<28} test accuracy {best[1]:.3f}  (C={best[2]:g}; {sweep})",
          flush=True)
    return best[1]


def main():
    if len(sys.argv) not in (2, 4) or sys.argv[1] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if len(sys.argv) == 2 else 2
    warnings.filterwarnings("ignore")  # lbfgs warns where 400 iterations end before it converged
    images, labels, splits, groups = read(sys.argv[1])
    test = splits == TEST
    if not test.any() or not (splits == TRAIN).any():
        print(f"baselines.py: {sys.argv[1]}: needs training and test images", file=sys.stderr)
        return 3
    largest = np.bincount(labels[test]).max() / test.sum()
    print(f"{sys.argv[1]}: {(splits == TRAIN).sum()} train, {(splits == VALIDATION).sum()} validation, "
          f"{test.sum()} test images of {images.shape[1]} x {images.shape[2]}; most frequent class {largest:.3f}")
    means, spreads = images.mean((1, 2)), images.std((1, 2))
    colours = fit_and_print("mean colours", means, labels, splits, groups)
    fit_and_print("mean and spread of colours", np.hstack([means, spreads]), labels, splits, groups)
    pixels = fit_and_print("raw pixels", images.reshape(len(images), -1), labels, splits, groups)
    if len(sys.argv) == 4 and (pixels > float(sys.argv[2]) or colours > float(sys.argv[3])):
        print(f"baselines.py: above the limits {sys.argv[2]} and {sys.argv[3]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
