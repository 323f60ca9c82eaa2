#!/usr/bin/env python3
"""Measures how well maps keep neighbours: ours, scikit-learn's t-SNE and umap-learn's UMAP, on the same descriptors.

Usage:  map_peers.py SIMAGES FOLDER...

FOLDERs must be indexed. Prints each map's trustworthiness (k = 10) by scikit-learn, and its seconds. Needs numpy, scikit-learn
and umap-learn. The folders should contain no byte-identical pictures.
"""
import csv, io, os, subprocess, sys, time, warnings

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from umap import UMAP

warnings.filterwarnings("ignore")


def descriptors(folder):
    """gap: the mean over the 49 positions, of length 1."""
    stored = np.load(f"{folder}/features.npz")
    gap = stored["features"].reshape(-1, 49, 512).mean(axis=1, dtype=np.float64)
    return stored["filenames"], gap / np.linalg.norm(gap, axis=1, keepdims=True)


def ours(simages, folder, names):
    printed = subprocess.run([simages, "map", folder], check=True, capture_output=True, text=True).stdout
    places = {row["path"]: (float(row["x"]), float(row["y"])) for row in csv.DictReader(io.StringIO(printed))}
    root = os.path.realpath(folder)
    return np.array([places[os.path.join(root, name)] for name in names])


def main():
    simages, *folders = sys.argv[1:]
    for folder in folders:
        names, gap = descriptors(folder)
        perplexity = min(30, (len(gap) - 1) / 3)
        makers = {
            "components": lambda: PCA(2).fit_transform(gap),
            "ours": lambda: ours(simages, folder, names),
            "scikit-learn": lambda: TSNE(init="pca", perplexity=perplexity, random_state=1).fit_transform(gap),
            "UMAP": lambda: UMAP(random_state=1).fit_transform(gap),
        }
        for name, make in makers.items():
            began = time.monotonic()
            places = make()
            took = time.monotonic() - began
            print(f"{folder}: {name} {trustworthiness(gap, places, n_neighbors=10):.4f} in {took:.1f} s", flush=True)


main()
