#!/usr/bin/env python3
"""Measures SIMages with a large features.simages without pictures and features.npz.

    million.py SIMAGES FROM [--rows N] [--work FOLDER] [--keep] [--part make,open,query,range,share]
               [--range-rows N,...] [--share PERCENT]

FROM is an indexed folder of some thousand pictures; N rows (1,000,000) are made of its rows: real statistics, and 3 % near-
duplicates. A million take 32 GB in FOLDER, which are deleted at the end, unless --keep is given; an existing file is used as it
is. Times are of one run. Memory is what the process has of its own (RssAnon), apart from the pages of the file. `range` joins
all rows, or the first N of them, with themselves; `share` begins joins of all rows, ends them after the given share of the
pairs, and extrapolates.
"""
import argparse
import json
import os
import subprocess
import sys
from pathlib import Path


class Server:
    """`simages bench-join`: answers each line with a line of JSON."""

    def __init__(self, simages):
        self.process = subprocess.Popen([simages, "bench-join"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def cpu(self):
        """Core-seconds so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def part_make(args, file):
    if file.exists():
        print(f"{file} is there: {file.stat().st_size / 1e9:.1f} GB")
        return
    server = Server(args.simages)
    server.ask(f"open {args.source}")
    took = server.ask(f"make {file.parent} {args.rows}")["seconds"]
    server.end()
    print(f"{args.rows} rows made in {took:.0f} s: {file.stat().st_size / 1e9:.1f} GB", flush=True)


def part_open(args, file):
    for which in ("first", "again"):
        server = Server(args.simages)
        before = server.cpu()
        answer = server.ask(f"open {file}")
        own = server.ask("memory")["own"]
        print(f"opened ({which}): {answer['seconds']:.2f} s, {server.cpu() - before:.2f} core-seconds, {answer['rows']} rows, "
              f"{own / 1e6:.2f} GB of its own", flush=True)
        server.end()


def part_query(args, file):
    for descriptor in ("full", "gap", "best"):
        server = Server(args.simages)
        rows = server.ask(f"open {file}")["rows"]
        keys = [rows * i // 12 + 1 for i in range(12)]
        first = server.ask(f"query cosine knn 10 {keys[0]} {descriptor}")["seconds"]
        before = server.cpu()
        times = sorted(server.ask(f"query cosine knn 10 {key} {descriptor}")["seconds"] for key in keys[1:])
        spent = (server.cpu() - before) / len(times)
        own = server.ask("memory")["own"]
        print(f"query by {descriptor}: first {first:.2f} s, then median {times[len(times) // 2]:.2f} s, most {times[-1]:.2f} s, "
              f"{spent:.2f} core-seconds each; "
              f"{own / 1e6:.2f} GB of its own", flush=True)
        server.end()


def part_range(args, file):
    server = Server(args.simages)
    for rows in args.range_rows:
        server.ask(f"open {file}")
        server.ask(f"first {rows}")
        before = server.cpu()
        answer = server.ask("join cosine range 0.9")
        took, (least, most) = answer["seconds"], answer["predicted"]
        print(f"range self-join, 0.9, of the first {rows}: {took:.0f} s, {server.cpu() - before:.0f} core-seconds, {answer['results']} pairs; "
              f"the time predicted after the first tenth is off by {least / took - 1:+.0%} to {most / took - 1:+.0%}", flush=True)
    server.end()


def part_share(args, file):
    for asked in ("range 0.9", "knn 10"):
        server = Server(args.simages)
        server.ask(f"open {file}")
        before = server.cpu()
        answer = server.ask(f"join cosine {asked} until={args.share / 100}")
        part, took, own = answer["part"], answer["seconds"], server.ask("memory")["own"]
        print(f"self-join, {asked}: {part:.2%} of the pairs after {took:.0f} s and {server.cpu() - before:.0f} core-seconds; "
              f"{(server.cpu() - before) / part / 3600:.1f} core-hours in all, extrapolated; {own / 1e6:.2f} GB of its own", flush=True)
        server.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("simages", type=Path)
    parser.add_argument("source", metavar="FROM", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--work", type=Path, default=Path("million"))
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--part", default="make,open,query,range,share")
    parser.add_argument("--range-rows", type=lambda text: [int(n) for n in text.split(",")], default=[1_000_000])
    parser.add_argument("--share", type=float, default=1, help="in percent")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    file = args.work / "features.simages"
    for part in args.part.split(","):
        globals()[f"part_{part}"](args, file)
    if not args.keep:
        file.unlink()


if __name__ == "__main__":
    sys.exit(main())
