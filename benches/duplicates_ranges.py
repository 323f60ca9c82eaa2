#!/usr/bin/env python3
"""What `simages duplicates` finds and marks at the ranges it starts with, by descriptor and by kind of copy.

    duplicates_ranges.py PLANTED... --series FOLDER --simages BINARY

PLANTED: folders made by planted_copies.py. A pair is right if both have the same original. --series: FOLDER has a folder for each
series of pictures that are nearly alike and no copies (series.py; real bursts are better): no picture of it may be marked. In
Markdown: recall of the pairs (original, copy), precision over all pairs, and the share of copies that the rules mark in a folder
of the original and this kind of copy alone, so that what is kept is known. All works on copies.
"""
import argparse
import csv
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from planted_copies import KINDS, ORIGINAL

STARTS = {"best": 0.6, "full": 0.65, "gap": 0.92, "gem": 0.92, "mac": 0.92, "rmac": 0.92}


def rows(binary, folder, *options):
    output = subprocess.run([binary, "duplicates", folder, *options], check=True, capture_output=True, text=True).stdout
    return list(csv.DictReader(output.splitlines()))


def original(path):
    return Path(path).name.split("__")[0]


def kind(path):
    return Path(path).stem.split("__")[1]


def pairs(found, start):
    """Those within the range."""
    return [row for row in found if row["distance"] or float(row["value"]) >= start]


def recall(found):
    """By kind; and the precision."""
    right = [row for row in found if original(row["key"]) == original(row["file"])]
    ends = [{kind(row["key"]), kind(row["file"])} for row in right]
    return {name: sum(end == {ORIGINAL, name} for end in ends) for name in KINDS}, len(right), len(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("planted", nargs="+")
    parser.add_argument("--series", required=True)
    parser.add_argument("--simages", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ.update({f"XDG_{name}_HOME": f"{home}/{name}" for name in ("CACHE", "DATA", "CONFIG")})
        sets = [shutil.copytree(folder, f"{home}/planted{at}") for at, folder in enumerate(args.planted)]
        series = shutil.copytree(args.series, f"{home}/series")
        originals = sum(len(list(Path(one).glob(f"*__{ORIGINAL}.*"))) for one in sets)
        columns = {}
        for name, start in STARTS.items():
            total, right, all_pairs = dict.fromkeys(KINDS, 0), 0, 0
            for one in sets:
                found, good, count = recall(pairs(rows(args.simages, one, "--descriptor", name, "--format", "pairs"), start))
                right, all_pairs = right + good, all_pairs + count
                total = {kind: total[kind] + found[kind] for kind in KINDS}
            marked = sum(row["action"] == "mark" for row in rows(args.simages, series, "--descriptor", name, "--format", "csv"))
            shares = {kind: f"{count / originals:.3f}" for kind, count in total.items()}
            columns[f"{name} {start}"] = shares | {"precision": f"{right / all_pairs:.4f}", "marked in series": str(marked)}
        marks = {}
        for name in KINDS:
            count = wrong = 0
            for at, one in enumerate(sets):
                alone = Path(f"{home}/alone{at}-{name}")
                alone.mkdir()
                for path in Path(one).iterdir():
                    if "__" in path.name and kind(path) in (ORIGINAL, name):
                        copy = shutil.copy2(path, alone)
                        if kind(path) == ORIGINAL:
                            # As it is where pictures were copied one day.
                            os.utime(copy, (1_000_000_000, 1_000_000_000))
                # What was computed of the set: nothing is computed again.
                for path in Path(one).glob("features.*"):
                    shutil.copy2(path, alone)
                for row in rows(args.simages, str(alone), "--format", "csv"):
                    count += row["action"] == "mark" and kind(row["path"]) == name
                    wrong += row["action"] == "mark" and kind(row["path"]) != name
            marks[name] = f"{count / originals:.3f}" + (f", and {wrong} originals" if wrong else "")
        columns["marked (best 0.6)"] = marks
    print("| kind |", " | ".join(columns), "|")
    print("|---" * (len(columns) + 1) + "|")
    for name in [*KINDS, "precision", "marked in series"]:
        print(f"| {name} |", " | ".join(column.get(name, "") for column in columns.values()), "|")


if __name__ == "__main__":
    main()
