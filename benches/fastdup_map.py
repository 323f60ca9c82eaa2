#!/usr/bin/env python3
"""Measures the mAP of the peer fastdup on labelled pictures like `simages eval`: leave one out, by the cosine of its features.

    fastdup_map.py [--prefix] FOLDER...

FOLDER has a folder for each class; with --prefix a class is the part of a name before the first _. fastdup runs with its
defaults. Needs fastdup (measured with 2.54), numpy and Pillow.
"""
import sys
import tempfile
from pathlib import Path

import fastdup
import numpy as np

from preprocessing import mean_average_precision, unit

VALUES = 576


def features(folder):
    """The names in the folder, and vectors of length 1."""
    with tempfile.TemporaryDirectory() as work:
        fastdup.run(str(folder), work_dir=work, verbose=False)
        names, values = fastdup.load_binary_feature(f"{work}/atrain_features.dat", VALUES)
    values = np.asarray(values, np.float64).reshape(len(names), VALUES)
    root = folder.resolve()
    return [Path(name).resolve().relative_to(root).as_posix() for name in names], unit(values)


def main():
    prefix = "--prefix" in sys.argv
    for folder in (Path(argument) for argument in sys.argv[1:] if argument != "--prefix"):
        names, values = features(folder)
        classes = [Path(name).name.split("_")[0] if prefix else name.rsplit("/", 1)[0] for name in names]
        print(f"{folder.name}: {len(names)} pictures, mAP {mean_average_precision(values @ values.T, np.array(classes)):.3f}", flush=True)


if __name__ == "__main__":
    main()
