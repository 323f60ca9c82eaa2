#!/usr/bin/env python3
"""Compares the join engine with its peers, in one run, in turn; all results are ratios of medians.

    join.py SIMAGES FEATURES_NPZ [--part load,open,query,knn,range,large,descriptors] [--runs N] [--work FOLDER]

Peers: faiss-cpu's IndexFlat as shipped by pip, the same with its BLAS forced to AVX-512 (OPENBLAS_CORETYPE=SkylakeX), numpy
(one matrix product, argpartition), and a plain Python loop over pairs (one key measured; the rest is extrapolated, and marked
as such). Answers are compared with float64 before timing.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

K, RANGE = 10, 0.9


class Program:
    """A process that answers each line with a line of JSON."""

    def __init__(self, command, **environment):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **environment})

    def ask(self, line):
        # Threads of the previous process may still be spinning, waiting for work.
        time.sleep(0.05)
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def peer(npz):
    """Answers for faiss and numpy, in a separate process, because BLAS is chosen at its start."""
    import faiss

    x = np.load(npz)["features"]
    unit = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-30)
    x = None
    index = faiss.IndexFlatIP(unit.shape[1])
    index.add(unit)
    for line in sys.stdin:
        what, *rest = line.split()
        begun, answer = time.perf_counter(), {}
        if what == "query":
            values, rows = index.search(unit[int(rest[0])][None], K + 1)
            answer = {"values": values[0].tolist(), "rows": rows[0].tolist()}
        elif what == "knn":
            index.search(unit, K + 1)
        elif what == "range":
            limits, _, _ = index.range_search(unit, RANGE)
            answer = {"results": int(limits[-1])}
        elif what == "numpy-query":
            products = unit @ unit[int(rest[0])]
            np.argpartition(products, -K - 1)[-K - 1:]
        elif what == "numpy-knn":
            for begin in range(0, len(unit), 1024):
                products = unit[begin:begin + 1024] @ unit.T
                np.argpartition(products, -K - 1, axis=1)[:, -K - 1:]
        elif what == "python":
            key, total = unit[0], 0
            found = sorted((sum(a * b for a, b in zip(key, row)), i) for i, row in enumerate(unit[:4].tolist()))
            total = (time.perf_counter() - begun) / len(found) * len(unit)
            answer = {"one_key_by_four_pairs": total}
        print(json.dumps({"seconds": time.perf_counter() - begun, **answer}), flush=True)


def median(seconds):
    return statistics.median(seconds)


def row(what, ours, theirs):
    """Prints a line of the table: the name, and each peer's time relative to ours."""
    ratios = "  ".join(f"{name} {median(times) / median(ours):.1f}x" for name, times in theirs.items())
    print(f"{what:34} ours {median(ours) * 1e3:10.2f} ms   {ratios}", flush=True)


def check(ours, features, key):
    """Compares our answer to one query with float64."""
    x = features.astype(np.float64)
    norms = np.linalg.norm(x, axis=1)
    cosines = x @ x[key] / (norms * norms[key])
    cosines[key] = -1
    best = np.argsort(-cosines, kind="stable")[:K]
    answer = ours.ask(f"query cosine knn {K} {key}")
    assert answer["rows"] == best.tolist(), (key, answer["rows"], best)
    assert np.allclose(answer["values"], cosines[best], rtol=1e-12), key


def part_load(args, ours):
    mine, numpys = [], []
    for _ in range(args.runs):
        mine.append(ours.ask(f"load {args.npz}")["seconds"])
        begun = time.perf_counter()
        np.load(args.npz)["features"]
        numpys.append(time.perf_counter() - begun)
    row("npz, loaded", mine, {"numpy.load": numpys})


def part_open(args, ours):
    with tempfile.TemporaryDirectory(dir=args.work) as folder:
        ours.ask(f"load {args.npz}")
        rows = ours.ask(f"save {folder} 3000")["rows"]
        other, mine, numpys = Program([args.simages, "bench-join"]), [], []
        for _ in range(args.runs):
            answer = other.ask(f"open {folder}")
            assert answer["at_once"] and answer["rows"] == rows
            mine.append(answer["seconds"])
            begun = time.perf_counter()
            np.load(f"{folder}/features.npz")["features"]
            numpys.append(time.perf_counter() - begun)
        row(f"dataset of {rows}, opened", mine, {"numpy.load": numpys})
        other.end()
        rows = ours.ask(f"save {folder} 1000000000")["rows"]
        other = Program([args.simages, "bench-join"])
        base = other.ask("memory")["now"]
        other.ask(f"open {folder}")
        for work in ("query cosine knn 10 1", "join cosine knn 10"):
            other.ask(work)
            now = other.ask("memory")
            print(f"memory after {work}, N = {rows}: {(now['now'] - base) / rows:.1f} KiB an image, "
                  f"{now['files'] / rows:.1f} of it the mapped file and the program", flush=True)
        other.end()


def part_query(args, ours, faiss, forced):
    ours.ask(f"load {args.npz}")
    features = np.load(args.npz)["features"]
    n = len(features)
    keys = [int(k) for k in np.linspace(0, n - 1, 40)]
    for key in keys[::8]:
        check(ours, features, key)
    del features
    asked = {"faiss": (faiss, "query"), "faiss AVX-512": (forced, "query"), "numpy": (faiss, "numpy-query")}
    for metric in ("cosine", "euclidean"):
        mine, cold, theirs = [], [], {name: [] for name in asked}
        # Like a user: several keys in a row; each peer in turn.
        for _ in range(args.runs):
            mine += [ours.ask(f"query {metric} knn {K} {key}")["seconds"] for key in keys]
            for name, (program, what) in asked.items():
                theirs[name] += [program.ask(f"{what} {key}")["seconds"] for key in keys[::4]]
        row(f"one query, {metric}, k = {K}, N = {n}", mine, theirs)
        # After another gigabyte has passed through the caches.
        for key in keys[::4]:
            faiss.ask(f"query {key}")
            cold.append(ours.ask(f"query {metric} knn {K} {key}")["seconds"])
        row("  with nothing of it in the caches", cold, theirs)


def part_knn(args, ours, faiss, forced):
    n = ours.ask(f"load {args.npz}")["rows"]
    mine, euclidean, theirs = [], [], {"faiss": [], "faiss AVX-512": [], "numpy": []}
    for _ in range(args.runs):
        mine.append(ours.ask(f"join cosine knn {K}")["seconds"])
        euclidean.append(ours.ask(f"join euclidean knn {K}")["seconds"])
        theirs["faiss"].append(faiss.ask("knn")["seconds"])
        theirs["faiss AVX-512"].append(forced.ask("knn")["seconds"])
        theirs["numpy"].append(faiss.ask("numpy-knn")["seconds"])
    row(f"kNN self-join, cosine, N = {n}", mine, theirs)
    print(f"Euclidean takes {median(euclidean) / median(mine):.2f} of cosine's time")
    python = faiss.ask("python")["one_key_by_four_pairs"]
    print(f"a plain Python loop: {python:.0f} s a key from four pairs (extrapolated), all keys about "
          f"{python * n / median(mine):.0f}x (extrapolated)")


def part_range(args, ours, faiss, forced):
    n = ours.ask(f"load {args.npz}")["rows"]
    mine, theirs, results = [], {"faiss": [], "faiss AVX-512": []}, None
    for _ in range(args.runs):
        answer = ours.ask(f"join cosine range {RANGE}")
        mine.append(answer["seconds"])
        theirs["faiss"].append((other := faiss.ask("range"))["seconds"])
        theirs["faiss AVX-512"].append(forced.ask("range")["seconds"])
        results = (answer["results"], (other["results"] - n) // 2)
    row(f"range self-join, cosine {RANGE}, N = {n}", mine, theirs)
    print(f"pairs: {results[0]}, of faiss (float32) {results[1]}")


def part_large(args, ours):
    """A generated set, to measure the time and memory of a process that opens it."""
    with tempfile.TemporaryDirectory(dir=args.work) as folder:
        maker = Program([args.simages, "bench-join"])
        maker.ask(f"load {args.npz}")
        n = maker.ask(f"generate {args.large}")["rows"]
        print(f"saved in {maker.ask(f'save {folder} {n}')['seconds']:.0f} s", flush=True)
        maker.end()
        other = Program([args.simages, "bench-join"])
        print(f"N = {n}, opened in {other.ask(f'open {folder}')['seconds']:.2f} s")
        for metric in ("cosine", "euclidean"):
            for predicate in (f"knn {K}", "range 0.6" if metric == "cosine" else "range 1000"):
                first, *times = [other.ask(f"query {metric} {predicate} {key}")["seconds"]
                                 for key in np.linspace(0, n - 1, 21).astype(int)]
                print(f"  query {metric} {predicate}: median {median(times) * 1e3:.1f} ms, most {max(times) * 1e3:.1f} ms",
                      flush=True)
        print(f"  memory after queries: {other.ask('memory')['most'] / 1e6:.2f} GB")
        for join in (f"cosine range {RANGE}", f"cosine knn {K}"):
            answer = other.ask(f"join {join}")
            print(f"  self-join {join}: {answer['seconds']:.1f} s, {answer['results']} results", flush=True)
        print(f"  memory at most: {other.ask('memory')['most'] / 1e6:.2f} GB")
        other.end()


def part_descriptors(args, ours):
    """The cost of each other descriptor relative to the full one: the first query after opening, later queries,
    joins."""
    names = ["full", "gap", "gem", "mac", "rmac", "best"]
    first, later, knn, near = ({name: [] for name in names} for _ in range(4))
    with tempfile.TemporaryDirectory(dir=args.work) as folder:
        ours.ask(f"load {args.npz}")
        n = ours.ask(f"save {folder} 1000000000")["rows"]
        for _ in range(args.runs):
            for name in names:
                program = Program([args.simages, "bench-join"])
                program.ask(f"open {folder}")
                queries = [program.ask(f"query cosine knn {K} {key} {name}")["seconds"] for key in (1, n // 2, n - 1)]
                first[name].append(queries[0])
                later[name] += queries[1:]
                knn[name].append(program.ask(f"join cosine knn {K} {name}")["seconds"])
                # Near-duplicates at the default range.
                limit = {"full": 0.8, "best": 0.75}.get(name, 0.94)
                near[name].append(program.ask(f"join cosine range {limit} {name}")["seconds"])
                program.end()
    for what, times in (("first query", first), ("later queries", later), (f"kNN self-join, k = {K}", knn),
                        ("range self-join", near)):
        ratios = "  ".join(f"{name} {median(times[name]) / median(times['full']):.2f}" for name in names)
        print(f"{what:24} N = {n}, full {median(times['full']) * 1e3:.1f} ms; in times of it: {ratios}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("simages")
    parser.add_argument("npz", type=Path)
    parser.add_argument("--part", default="load,open,query,knn,range,large")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--work", type=Path, help="a folder with room for the large set [default: the temporary folder]")
    args = parser.parse_args()
    parts = args.part.split(",")
    ours = Program([args.simages, "bench-join"])
    me = [sys.executable, __file__, "--peer", str(args.npz)]
    peers = ()
    if {"query", "knn", "range"} & set(parts):
        peers = (Program(me), Program(me, OPENBLAS_CORETYPE="SkylakeX"))
        # Still loading, they would disturb the first measurement.
        for program in peers:
            program.ask("ready")
    for part in parts:
        needs = peers if part in ("query", "knn", "range") else ()
        globals()[f"part_{part}"](args, ours, *needs)
    for program in (ours, *peers):
        program.end()


if __name__ == "__main__":
    peer(sys.argv[2]) if sys.argv[1:2] == ["--peer"] else main()
