#!/usr/bin/env python3
"""Seconds of the whole job, without any cache, on the same files: simages, czkawka and imagededup, in turn.

    duplicates_quick.py SIMAGES CZKAWKA_CLI FOLDER [--runs N] [--slow-runs N] [--skip-slow]

Each run works on a copy of FOLDER of its own, as simages keeps what it computed beside the pictures; copying isn't counted. czkawka
by the settings that found the most of planted copies (duplicates_peers.py), by its defaults with small files too, and by its
defaults alone, which leave files of less than 16 KiB unread. N runs (5) of these and of `simages duplicates --quick`; of the slow
ones, `simages duplicates` and imagededup's PHash, N (1). Prints medians, least and most, and which part of each `--quick` takes.
imagededup is left out where it isn't installed.
"""
import argparse
import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BEST = ["--hash-alg", "DoubleGradient", "--hash-size", "16", "--image-filter", "Lanczos3", "--geometric-invariance",
        "mirror-flip-rotate90", "--max-difference", "25"]
SMALL_TOO = ["--minimal-file-size", "1"]
PHASH = """
import sys
sys.path.insert(0, sys.argv[1])
from duplicates_peers import without_torch
without_torch()
from imagededup.methods import PHash
PHash(verbose=False).find_duplicates(image_dir=sys.argv[2])
"""


def seconds(command, folder):
    with tempfile.TemporaryDirectory() as home:
        copy = shutil.copytree(folder, f"{home}/pictures")
        places = {f"XDG_{name}_HOME": f"{home}/{name}" for name in ("CACHE", "DATA", "CONFIG")}
        began = time.perf_counter()
        done = subprocess.run([part.format(folder=copy) for part in command], env=os.environ | places | {"HOME": home},
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        took = time.perf_counter() - began
    # czkawka says by 11 that it found something.
    if done.returncode not in (0, 11):
        sys.exit(f"{command[0]}: exit status {done.returncode}\n{done.stderr[-2000:]}")
    return took


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("simages")
    parser.add_argument("czkawka")
    parser.add_argument("folder")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--slow-runs", type=int, default=1)
    parser.add_argument("--skip-slow", action="store_true")
    args = parser.parse_args()
    simages, czkawka = os.path.abspath(args.simages), os.path.abspath(args.czkawka)
    czkawka = [czkawka, "image", "--directories", "{folder}", "--do-not-print-results", "--do-not-print-messages"]
    quick = "simages duplicates --quick"
    commands = {
        quick: [simages, "duplicates", "{folder}", "--quick", "--format", "csv"],
        "czkawka, best settings": [*czkawka, *SMALL_TOO, *BEST],
        "czkawka, defaults, small files too": [*czkawka, *SMALL_TOO],
        "czkawka, defaults": czkawka,
    }
    slow = {"simages duplicates": [simages, "duplicates", "{folder}", "--format", "csv"]}
    if importlib.util.find_spec("imagededup"):
        slow["imagededup PHash"] = [sys.executable, "-c", PHASH, str(Path(__file__).resolve().parent), "{folder}"]
    times = {}
    rounds = [commands] * args.runs + ([] if args.skip_slow else [slow] * args.slow_runs)
    for some in rounds:
        for name, command in some.items():
            times.setdefault(name, []).append(seconds(command, args.folder))
    own = statistics.median(times[quick])
    print("| | seconds | least, most | `--quick` takes |\n|---|---|---|---|")
    for name, some in times.items():
        middle = statistics.median(some)
        print(f"| {name} | {middle:.2f} | {min(some):.2f}, {max(some):.2f} | {own / middle:.2f} of it |")


if __name__ == "__main__":
    main()
