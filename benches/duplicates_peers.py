#!/usr/bin/env python3
"""How many planted copies are found, by kind, and in what time: by simages, by czkawka and by imagededup's hashes.

    duplicates_peers.py FOLDER --simages BINARY --czkawka CZKAWKA_CLI [--series FOLDER] [--only NAME]... [--quick] [--like WORDS]
        [--once]

FOLDER: made by planted_copies.py. All works on a copy of it. A pair is right if both have the same original. For each tool the
widest threshold is sought with a share of right pairs, over all pairs of the set, of 1.0 and of 0.99 at least, for czkawka in
all SETTINGS; the recall is of the pairs (original, copy). In Markdown, and the seconds of the whole job from the files on, once,
without a cache. --series: FOLDER has a folder for each series of pictures that are nearly alike and no copies (series.py; real
bursts are better); they are in the set too, thresholds are sought without them, and told is in how many of them a pair is found.
--only: simages, czkawka, imagededup. --once: simages indexes once for all of its columns, whose seconds then say nothing. --quick:
czkawka with the two of its hashes that did best; --like WORDS: only with settings that have WORDS in them. Needs czkawka_cli (12.0.2
was measured), imagededup (0.3.3; torch isn't needed), numpy and Pillow.
"""
import argparse
import csv
import functools
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import types
from pathlib import Path

import numpy as np

from planted_copies import KINDS, ORIGINAL, SUFFIXES

PRECISIONS = [1.0, 0.99]

# Name, command ({binary}, {folder}), and the witnesses: a column of the CSV and 1 if larger is more similar, else -1. A pair is
# found if one of the witnesses sees it, each with a threshold of its own. The CSV names the two pictures in `key` and `file`.
OURS = [
    [f"simages join {name}", ["{binary}", "join", "{folder}", "{folder}", "--range", "0.2", "--descriptor", name, "--format", "csv"],
     [("value", 1)]] for name in ("full", "gap", "best")
] + [
    ["simages duplicates", ["{binary}", "duplicates", "{folder}", "--format", "pairs"], [("value", 1), ("distance", -1)]],
    ["simages duplicates --quick", ["{binary}", "duplicates", "{folder}", "--quick", "--format", "pairs"], [("distance", -1)]],
]
CZKAWKA = ["image", "--directories", "{folder}", "--do-not-print-results", "--do-not-print-messages"]
# By default it leaves out files of less than 16 KiB.
SMALL_TOO = ["--minimal-file-size", "1"]
HASHES = ["Gradient", "Mean", "VertGradient", "DoubleGradient", "Median", "Blockhash"]
SETTINGS = [
    ("--hash-alg", hash_name, "--hash-size", size, "--image-filter", image_filter, "--geometric-invariance", invariance)
    for hash_name, size, image_filter, invariance in itertools.product(
        HASHES, ["8", "16", "32"], ["Nearest", "Lanczos3"], ["off", "mirror-flip", "mirror-flip-rotate90"])
]
QUICK_HASHES = ["Gradient", "DoubleGradient"]
LEVELS = range(41)
# imagededup's find_duplicates, unless it is told otherwise.
DEFAULT_DISTANCE = 10
HAMMING = ["PHash", "DHash", "WHash", "AHash"]


class Pictures:
    """A set of pictures in a folder, and what is a copy of what."""

    def __init__(self, names, folder):
        self.names, self.folder = names, folder
        self.number = {name: i for i, name in enumerate(names)}
        labels = [name.split("__")[0] if "__" in name else name for name in names]
        self.same = np.array(labels)[:, None] == np.array(labels)[None]
        planted = np.array(["__" in name for name in names])
        self.judged = planted[:, None] & planted[None]
        self.series = {}
        for i in np.flatnonzero(~planted):
            self.series.setdefault(names[i].rsplit("-", 1)[0], []).append(i)
        self.copies = {kind: [] for kind in KINDS}
        for name, label in zip(names, labels):
            kind = name.split("__")[1].split(".")[0] if "__" in name else None
            if kind in KINDS:
                original = next(i for i, other in enumerate(names) if other.startswith(f"{label}__{ORIGINAL}."))
                self.copies[kind].append((original, self.number[name]))

    def precision(self, found):
        pairs = np.triu(found & self.judged, 1)
        return (pairs & self.same).sum() / max(1, pairs.sum())

    def recall(self, found):
        """By kind, and of all; and in how many of the series a pair is found."""
        each = {kind: np.mean([found[pair] for pair in pairs]) for kind, pairs in self.copies.items()}
        marked = sum(np.triu(found[np.ix_(members, members)], 1).any() for members in self.series.values())
        return each | {"all": np.mean(list(each.values())), "series": f"{marked} of {len(self.series)}"}

    def threshold(self, scores, least):
        """The smallest score so that of the pairs that have it or more this share is right; none: infinity."""
        rows, columns = np.triu_indices(len(scores), 1)
        seen = np.isfinite(scores[rows, columns]) & self.judged[rows, columns]
        values, right = scores[rows, columns][seen], self.same[rows, columns][seen]
        order = np.argsort(-values, kind="stable")
        values, share = values[order], np.cumsum(right[order]) / np.arange(1, len(order) + 1)
        last = np.append(values[1:] != values[:-1], True)
        good = np.flatnonzero(last & (share >= least))
        return values[good[-1]] if len(good) else np.inf


class Best:
    """The setting of a tool with the highest recall at each precision."""

    def __init__(self, name):
        self.name, self.seconds = name, float("nan")
        self.at = {least: (None, None) for least in PRECISIONS}

    def offer(self, least, setting, recall):
        if self.at[least][1] is None or recall["all"] > self.at[least][1]["all"]:
            self.at[least] = (setting, recall)


def run(command, **values):
    """A command's output and its seconds."""
    begin = time.perf_counter()
    done = subprocess.run([part.format(**values) for part in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.stdout, time.perf_counter() - begin


def simages(pictures, binary, once):
    # It keeps what it computed beside the pictures and in the user's folders: each command starts anew.
    if once:
        subprocess.run([binary, "index", str(pictures.folder)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for name, command, witnesses in OURS:
        best = Best(name)
        with tempfile.TemporaryDirectory() as home:
            folder = shutil.copytree(pictures.folder, f"{home}/pictures")
            os.environ.update({f"XDG_{kind}_HOME": f"{home}/{kind}" for kind in ("CACHE", "DATA", "CONFIG")})
            output, best.seconds = run(command, binary=binary, folder=folder)
        rows = list(csv.DictReader(output.splitlines()))
        seen = []
        for column, sign in witnesses:
            scores = np.full(pictures.same.shape, -np.inf)
            for row in rows:
                if row[column]:
                    i, j = (pictures.number[Path(row[end]).name] for end in ("key", "file"))
                    scores[i, j] = scores[j, i] = sign * float(row[column])
            seen.append((column, sign, scores))
        for least in PRECISIONS:
            limits = [(column, sign, scores, pictures.threshold(scores, least)) for column, sign, scores in seen]
            found = np.any([scores >= limit for _, _, scores, limit in limits], axis=0)
            setting = ", ".join(f"{column} {sign * limit:.4g}" for column, sign, _, limit in limits)
            best.offer(least, setting, pictures.recall(found))
        yield best


def czkawka_groups(pictures, binary, options):
    """Which pictures are in one group."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        _, seconds = run([binary, *CZKAWKA, *options, "--compact-file-to-save", file.name], folder=str(pictures.folder))
        groups = json.loads(Path(file.name).read_text() or "[]")
    found = np.eye(len(pictures.names), dtype=bool)
    for group in groups:
        members = [pictures.number[Path(one["path"]).name] for one in group]
        found[np.ix_(members, members)] = True
    return found, seconds


def widest(good):
    """The highest of the LEVELS that is good, by bisection: the groups grow with the level, and with them the wrong pairs."""
    low, high = -1, len(LEVELS)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if good(LEVELS[middle]) else (low, middle)
    return LEVELS[low] if low >= 0 else None


def czkawka(pictures, binary, settings):
    for name, options in [("czkawka, defaults", []), ("czkawka, defaults, small files too", SMALL_TOO)]:
        default = Best(name)
        found, default.seconds = czkawka_groups(pictures, binary, [*options, "--disable-cache"])
        share = pictures.precision(found)
        for least in PRECISIONS:
            default.offer(least, f"precision {share:.3f}", pictures.recall(found))
        yield default
    best = Best("czkawka, best settings")
    options = {}
    for setting in settings:

        @functools.cache
        def at(level):
            return czkawka_groups(pictures, binary, [*SMALL_TOO, *setting, "--max-difference", str(level)])[0]

        for least in PRECISIONS:
            level = widest(lambda level: pictures.precision(at(level)) >= least)
            if level is not None:
                words = f"{' '.join(setting[1::2])}, {level}"
                options[words] = [*setting, "--max-difference", str(level)]
                best.offer(least, words, pictures.recall(at(level)))
    chosen = options[best.at[PRECISIONS[0]][0]]
    _, best.seconds = czkawka_groups(pictures, binary, [*SMALL_TOO, *chosen, "--disable-cache"])
    yield best


def without_torch():
    """Its hashes don't use torch, but to import them imports it: the two modules that do are left empty."""
    for name, content in [("imagededup.methods.cnn", "CNN"), ("imagededup.utils.models", "CustomModel")]:
        sys.modules[name] = types.ModuleType(name)
        setattr(sys.modules[name], content, None)


def imagededup(pictures):
    without_torch()
    from imagededup import methods
    for name in HAMMING:
        best, hasher = Best(f"imagededup {name}"), getattr(methods, name)(verbose=False)
        begin = time.perf_counter()
        hasher.find_duplicates(image_dir=pictures.folder)
        best.seconds = time.perf_counter() - begin
        codes = hasher.encode_images(image_dir=pictures.folder)
        bits = np.array([[int(bit) for bit in f"{int(codes[one], 16):064b}"] for one in pictures.names], np.float32)
        scores = -(bits @ (1 - bits).T + (1 - bits) @ bits.T)
        for least in PRECISIONS:
            limit = pictures.threshold(scores, least)
            best.offer(least, f"distance {-limit:.0f}", pictures.recall(scores >= limit))
        default = Best(f"imagededup {name}, defaults")
        found = scores >= -DEFAULT_DISTANCE
        for least in PRECISIONS:
            default.offer(least, f"precision {pictures.precision(found):.3f}", pictures.recall(found))
        yield best
        yield default


def table(results, least):
    print(f"\nRecall at a precision of {least}\n\n| kind | " + " | ".join(one.name for one in results) + " |")
    print("|---|" + "---|" * len(results))
    for kind in [*KINDS, "all"]:
        print(f"| {kind} | " + " | ".join(f"{one.at[least][1][kind]:.3f}" if one.at[least][1] else "–" for one in results) + " |")
    print("| series with a pair | " + " | ".join(one.at[least][1]["series"] if one.at[least][1] else "–" for one in results) + " |")
    print("| setting | " + " | ".join(str(one.at[least][0]) for one in results) + " |")
    print("| seconds | " + " | ".join(f"{one.seconds:.1f}" for one in results) + " |", flush=True)


def gathered(folder, series, into):
    """A copy of all pictures in one folder; those of a series are called SERIES-NAME, without the sign of planted copies."""
    for path in folder.iterdir():
        if path.suffix.lower() in SUFFIXES:
            shutil.copy(path, into / path.name)
    for path in sorted(series.rglob("*")) if series else []:
        if path.suffix.lower() in SUFFIXES:
            shutil.copy(path, into / f"{path.parent.name}-{path.name.replace('-', '_')}".replace("__", "_"))
    return Pictures(sorted(path.name for path in into.iterdir()), into)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--series", type=Path)
    parser.add_argument("--simages", default="simages")
    parser.add_argument("--czkawka", default="czkawka_cli")
    parser.add_argument("--only", action="append", choices=["simages", "czkawka", "imagededup"])
    parser.add_argument("--like", default="")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--once", action="store_true")
    args = parser.parse_args()
    settings = [one for one in SETTINGS if not args.quick or one[1] in QUICK_HASHES]
    settings = [one for one in settings if args.like in " ".join(one[1::2])]
    with tempfile.TemporaryDirectory() as into, tempfile.TemporaryDirectory() as cache:
        # czkawka keeps its hashes here: only the settings that are timed go without.
        os.environ["CZKAWKA_CACHE_PATH"] = cache
        pictures = gathered(args.folder, args.series, Path(into))
        tools = {
            "simages": lambda: simages(pictures, args.simages, args.once),
            "czkawka": lambda: czkawka(pictures, args.czkawka, settings),
            "imagededup": lambda: imagededup(pictures),
        }
        results = [best for name in args.only or tools for best in tools[name]()]
    print(f"{len(pictures.names)} pictures")
    for least in PRECISIONS:
        table(results, least)


if __name__ == "__main__":
    main()
