#!/usr/bin/env python3
"""Measures how well clusters agree with classes, for the table in docs/quality.md.

    clusters.py SIMAGES FOLDER[:prefix]...

A picture's class is its folder; with :prefix, the part of its name before the first _. Runs `simages clusters --labels`,
then scikit-learn's methods on the same descriptors (gap, from features.npz): k-means and Ward given the number of classes,
k-means given the square root of half the number of pictures, and HDBSCAN (each picture it leaves out is a cluster of its
own). Needs numpy and scikit-learn.
"""
import csv
import io
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.cluster import HDBSCAN, AgglomerativeClustering, KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score

SEEDS = range(3)


def ours(simages, folder, labels, resolution):
    command = [simages, "clusters", folder, "--labels", labels, "--resolution", str(resolution)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    row = next(csv.DictReader(io.StringIO(out)))
    return float(row["adjusted_rand_index"]), int(row["clusters"]), int(row["classes"])


def gap(features):
    data = np.load(features, mmap_mode="r")
    values = np.asarray(data["features"], dtype=np.float32)
    values = values.reshape(len(values), -1, 512).mean(1)
    return [str(name) for name in data["filenames"]], values / np.linalg.norm(values, axis=1, keepdims=True)


def main():
    simages, *folders = sys.argv[1:]
    print("set,pictures,classes,clusters,simages,finer (4),k-means,Ward,k-means of sqrt(n/2),HDBSCAN of 5")
    for folder in folders:
        folder, _, labels = folder.partition(":")
        labels = labels or "folder"
        index, found, classes = ours(simages, folder, labels, 1)
        finer, finer_found, _ = ours(simages, folder, labels, 4)
        names, x = gap(Path(folder) / "features.npz")
        of = [Path(n).name.split("_")[0] if labels == "prefix" else str(Path(n).parent) for n in names]

        def means(k):
            made = (KMeans(k, n_init=3, random_state=seed).fit_predict(x) for seed in SEEDS)
            return np.mean([adjusted_rand_score(of, m) for m in made])

        ward = AgglomerativeClustering(classes, linkage="ward").fit_predict(x)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reduced = PCA(min(50, len(x) - 1), random_state=0).fit_transform(x)
            dense = HDBSCAN(min_cluster_size=5).fit_predict(reduced)
        dense = [d if d >= 0 else len(x) + i for i, d in enumerate(dense)]
        peers = [means(classes), adjusted_rand_score(of, ward), means(int((len(x) / 2) ** 0.5)), adjusted_rand_score(of, dense)]
        print(Path(folder).name, len(x), classes, found, f"{index:.3f}", f"{finer:.3f} ({finer_found})", *(f"{p:.3f}" for p in peers), sep=",")


main()
