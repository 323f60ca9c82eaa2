#!/usr/bin/env python3
"""Seconds of the whole job, without any cache: `simages duplicates --quick` and czkawka, in turn.

Usage:  duplicates_quick.py SIMAGES CZKAWKA_CLI FOLDER [--runs 5]

czkawka by its defaults (but small files too), and by the settings that found the most of planted copies. Prints medians and ratios.
"""
import argparse, os, statistics, subprocess, tempfile, time

BEST = ["--hash-alg", "DoubleGradient", "--hash-size", "16", "--image-filter", "Lanczos3", "--geometric-invariance",
        "mirror-flip-rotate90", "--max-difference", "25"]


def seconds(command):
    with tempfile.TemporaryDirectory() as home:
        places = {f"XDG_{name}_HOME": f"{home}/{name}" for name in ("CACHE", "DATA", "CONFIG")}
        began = time.perf_counter()
        subprocess.run(command, env=os.environ | places | {"HOME": home}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.perf_counter() - began


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("simages"); a.add_argument("czkawka"); a.add_argument("folder")
    a.add_argument("--runs", type=int, default=5)
    a = a.parse_args()
    czkawka = [a.czkawka, "image", "--directories", a.folder, "--minimal-file-size", "1", "--do-not-print-results",
               "--do-not-print-messages"]
    commands = {"simages": [a.simages, "duplicates", a.folder, "--quick", "--format", "csv"],
                "czkawka, best settings": [*czkawka, *BEST], "czkawka, defaults": czkawka}
    times = {name: [] for name in commands}
    for _ in range(a.runs):
        for name, command in commands.items():
            times[name].append(seconds(command))
    medians = {name: statistics.median(some) for name, some in times.items()}
    for name, median in medians.items():
        print(f"{name}: {median:.2f} s   simages takes {medians['simages'] / median:.2f} of it")


if __name__ == "__main__":
    main()
