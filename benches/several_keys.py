#!/usr/bin/env python3
"""Measures which way of combining a picture's values for several keys into one finds the most.

    several_keys.py [--prefix] SIMAGES FOLDER...

FOLDER has a folder for each class; with --prefix a class is the part of a name before the first _. `SIMAGES join FOLDER FOLDER`
gives the values of all pairs; the rest is computed here. Each picture is the first key once, with four others of its class drawn
at random (or as many as leave two of the class). All drawn pictures are left out of every ranking, so that one key and several
are measured on the same pictures; the remaining ones of the class are relevant. Prints mAP.

Keys against: for one key, the first wrong pictures of its ranking become keys against; these and the drawn ones are left out of
the ranking before and after. Needs numpy.
"""
import csv
import io
import subprocess
import sys
from pathlib import Path

import numpy as np

DESCRIPTORS = ["full", "gap", "best"]
SEVERAL = [1, 2, 3, 5]
AGAINST = [1, 3]
WEIGHTS = [0.1, 0.25, 0.5, 0.75, 1.0]
SUFFIXES = {".jpg", ".jpeg", ".png"}


def values(simages, folder, descriptor, metric):
    """Names, and the value of each pair: [n, n]."""
    limit = "0" if metric == "cosine" else "1e9"
    command = [simages, "join", folder, folder, "--descriptor", descriptor, "--metric", metric, "--range", limit]
    text = subprocess.run([*map(str, command), "--format", "csv"], check=True, capture_output=True, text=True).stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    at = {name: i for i, name in enumerate(names)}
    all_values = np.full((len(names), len(names)), 0.0)
    np.fill_diagonal(all_values, 1.0 if metric == "cosine" else 0.0)
    for row in rows:
        i, j = at[row["key"]], at[row["file"]]
        all_values[i, j] = all_values[j, i] = float(row["value"])
    return names, all_values


def power_mean(p):
    return lambda s: np.mean(np.maximum(s, 1e-12) ** p, axis=0) ** (1 / p)


# Combine values [keys, pictures]; larger means more similar.
COSINES = {
    "best of": lambda s: s.max(axis=0),
    "mean": lambda s: s.mean(axis=0),
    "mean of squares": power_mean(2),
    "mean of cubes": power_mean(3),
    "power 8": power_mean(8),
    "geometric mean": lambda s: np.log(np.maximum(s, 1e-6)).mean(axis=0),
    "worst of": lambda s: s.min(axis=0),
}
DISTANCES = {
    "best of": lambda d: -d.min(axis=0),
    "mean": lambda d: -d.mean(axis=0),
    "mean of squares": lambda d: -(d**2).mean(axis=0),
    "harmonic mean": lambda d: 1 / np.mean(1 / np.maximum(d, 1e-9), axis=0).clip(1e-12) * -1,
    "worst of": lambda d: -d.max(axis=0),
}


def average_precision(scores, relevant, left_out):
    stays = np.ones(len(scores), bool)
    stays[left_out] = False
    order = np.argsort(-scores[stays], kind="stable")
    hits = np.flatnonzero(relevant[stays][order])
    return np.mean(np.arange(1, len(hits) + 1) / (hits + 1))


def drawn(classes, seed=24):
    """For each picture with enough of its class: itself and up to four others of it."""
    random = np.random.default_rng(seed)
    for key, label in enumerate(classes):
        others = np.flatnonzero(classes == label)
        others = others[others != key]
        if len(others) >= 3:
            yield np.concatenate([[key], random.permutation(others)[: min(4, len(others) - 2)]])


def several(classes, pairs, ways):
    found = {}
    for keys in drawn(classes):
        relevant = classes == classes[keys[0]]
        for n in SEVERAL:
            if n <= len(keys):
                for name, way in ways.items():
                    ap = average_precision(way(pairs[keys[:n]]), relevant, keys)
                    found.setdefault((n, name), {})[keys[0]] = ap
    return found


def report(found, ways):
    # Each number of keys, compared with one key on the pictures that have that many.
    for n in SEVERAL[1:]:
        of = [key for key in found.get((n, "mean"), {})]
        if of:
            one = np.mean([found[1, "mean"][key] for key in of])
            parts = [f"{name} {np.mean([found[n, name][key] for key in of]):.3f}" for name in ways]
            print(f"  {n} keys ({len(of)} of them)  one {one:.3f} | " + " | ".join(parts), flush=True)


def against(classes, pairs, is_cosine, likes):
    """mAP with keys against, by weight, for `likes` keys for."""
    way = {True: lambda s: s.mean(axis=0), False: lambda d: -d.mean(axis=0)}[is_cosine]
    worst = {True: lambda s: s.max(axis=0), False: lambda d: -d.min(axis=0)}[is_cosine]
    for m in AGAINST:
        sums, count = {}, 0
        for keys in drawn(classes):
            if len(keys) < likes:
                continue
            relevant, keys = classes == classes[keys[0]], keys[:likes]
            score = way(pairs[keys])
            order = np.argsort(-score, kind="stable")
            wrong = [at for at in order if not relevant[at]][:m]
            left_out = np.concatenate([keys, wrong])
            ways = {"without": score}
            for weight in WEIGHTS:
                ways[f"mean {weight}"] = score - weight * way(pairs[wrong])
                ways[f"nearest {weight}"] = score - weight * worst(pairs[wrong])
            # The nearest key for and against: a picture that is closer to a wrong one.
            ways["ratio"] = score / (score + way(pairs[wrong]) + 1e-12) if is_cosine else -score / (score + way(pairs[wrong]))
            for name, scores in ways.items():
                sums[name] = sums.get(name, 0) + average_precision(scores, relevant, left_out)
            count += 1
        print(f"  {likes} for, {m} against ({count})  " + " | ".join(f"{n} {s / count:.3f}" for n, s in sums.items()), flush=True)


def main():
    prefix = "--prefix" in sys.argv
    simages, *folders = [argument for argument in sys.argv[1:] if argument != "--prefix"]
    for folder in map(Path, folders):
        for metric, ways in [("cosine", COSINES), ("euclidean", DISTANCES)]:
            for descriptor in DESCRIPTORS:
                names, pairs = values(simages, folder, descriptor, metric)
                classes = np.array([Path(n).name.split("_")[0] if prefix else n.rsplit("/", 1)[0] for n in names])
                print(f"{folder.name}, {descriptor}, {metric}", flush=True)
                report(several(classes, pairs, ways), ways)
                for likes in [1, 3]:
                    against(classes, pairs, metric == "cosine", likes)


if __name__ == "__main__":
    main()
