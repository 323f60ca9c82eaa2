#!/usr/bin/env python3
"""Makes a camera's card and an archive, and checks whether `simages new` tells which pictures of the card are in the archive.

    new_card.py make PICTURES... OUT TRUTH [--archive N] [--card N] [--seed S] [--series FOLDER]
    new_card.py check TRUTH CSV [--card OUT/card]

make: OUT/archive gets N pictures (2,000) in folders, OUT/card M (300). 110 of these are in the archive, in one of the ways of
THERE and SMALLER; two are unreadable; the rest is new. With --series, 24 of the new ones are from six series of FOLDER that
have other frames in the archive: similar, but not copies. TRUTH lists them: picture,standing,kind.
check: CSV is the output of `simages new OUT/card OUT/archive --format csv`. Prints how often each kind was reported as what, and
the precision and recall of each standing. Pictures wrongly reported as being in the archive are listed, and the exit status is
1: somebody will format that card. Needs Pillow and numpy. The same arguments give the same files.
"""
import argparse
import csv
import os
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

import numpy as np

from duplicates_job import CAMERAS, Folder, copy_of, jpeg, load, name_of, png, with_exif
from planted_copies import choose

# The card's version of an original in the archive.
THERE = {
    "identical": 25, "retagged": 8, "half": 8, "recompressed": 8, "crop10": 6, "grey": 5, "turned90": 4, "mirrored": 3,
    "png-of-jpeg": 3,
}
# The archive's version of an original on the card.
SMALLER = {"half": 10, "recompressed": 10, "crop10": 6, "tiny": 4, "grey": 4, "jpeg-of-png": 3, "undated": 3}
STANDINGS = ["new", "unsure", "smaller", "there", "unreadable"]
PLACES = ["2018", "2019/garden", "2019/winter", "2020", "2020/trip", "2021", "scans"]
SERIES, IN_ARCHIVE, ON_CARD = 6, 4, 4
UNREADABLE = 2


def commented(data):
    """A JPEG with a comment added, its pixels unchanged."""
    text = b"sorted into the archive"
    return data[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + data[2:]


def series(root):
    need = IN_ARCHIVE + ON_CARD
    folders = [path for path in root.iterdir() if path.is_dir() and len(list(path.glob("*.jpg"))) >= need]
    return [sorted(path.glob("*.jpg"))[:need] for path in sorted(folders)]


def make(args):
    rng = np.random.default_rng(args.seed)
    archive, card = Folder(args.out / "archive"), Folder(args.out / "card" / "DCIM")
    runs = series(args.series) if args.series else []
    runs = [runs[i] for i in sorted(rng.permutation(len(runs))[:SERIES])]
    planted = [("there", kind) for kind, count in THERE.items() for _ in range(count)]
    planted += [("smaller", kind) for kind, count in SMALLER.items() for _ in range(count)]
    new = args.card - len(planted) - UNREADABLE - ON_CARD * len(runs)
    others = args.archive - len(planted) - IN_ARCHIVE * len(runs)
    chosen = [path for _, path in choose(args.sources, new + others + len(planted) + UNREADABLE, args.seed)]
    if len(chosen) < new + others + len(planted) + UNREADABLE:
        sys.exit(f"only {len(chosen)} pictures: give more folders")
    chosen = [chosen[i] for i in rng.permutation(len(chosen))]
    number, truth = 0, []

    def date():
        return datetime(2021, *(int(rng.integers(1, end)) for end in (13, 29, 24, 60, 60)))

    def put(folder, data, suffix, when):
        nonlocal number
        number += int(rng.integers(1, 4))
        place = "100CANON" if folder is card else str(rng.choice(PLACES))
        return folder.put(place, name_of(number % 9999, rng), suffix, data, when)

    def told(path, standing, kind):
        truth.append((f"DCIM/{path}", standing, kind))

    for standing, kind in planted:
        when, path = date(), chosen.pop()
        suffix, data = path.suffix.lower(), path.read_bytes()
        if kind == "jpeg-of-png":
            suffix, data = ".png", png(load(path))
        elif kind in ("retagged", "undated"):
            suffix, data = ".jpg", jpeg(load(path), 92)
        if suffix in (".jpg", ".jpeg") and (kind == "undated" or kind != "retagged" and rng.random() < 0.7):
            dated = with_exif(data, CAMERAS[rng.integers(len(CAMERAS))], when)
        else:
            dated = data
        if kind == "retagged":
            worse, ending = commented(dated), suffix
        elif kind == "undated":
            worse, ending = data, suffix
        else:
            worse, ending = copy_of(dated, kind, rng)
        better, worse = (dated, suffix), (worse, ending or suffix)
        if standing == "there" and kind == "retagged":
            better, worse = worse, better
        on_card, in_archive = (worse, better) if standing == "there" else (better, worse)
        put(archive, *in_archive, when)
        told(put(card, *on_card, when), standing, kind)
    for run in runs:
        when = date()
        for path in run[:IN_ARCHIVE]:
            put(archive, path.read_bytes(), path.suffix, when)
        for path in run[IN_ARCHIVE:]:
            told(put(card, path.read_bytes(), path.suffix, when), "new", "series")
    for _ in range(UNREADABLE):
        data = chosen.pop().read_bytes()
        told(put(card, data[:300], ".jpg", date()), "unreadable", "cut short")
    for at, path in enumerate(chosen):
        where = card if at < new else archive
        put_at = put(where, path.read_bytes(), path.suffix.lower(), date())
        if where is card:
            told(put_at, "new", "new")
    with open(args.truth, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["picture", "standing", "kind"])
        writer.writerows(sorted(truth))
    print(f"{len(card.taken)} on the card, {len(archive.taken)} in the archive")


def check(args):
    truth = {row["picture"]: row for row in csv.DictReader(open(args.truth, newline=""))}
    root = os.path.abspath(args.card)
    told = {os.path.relpath(row["path"], root): row["standing"] for row in csv.DictReader(open(args.csv, newline=""))}
    missing = truth.keys() - told.keys()
    kinds = Counter((row["standing"], row["kind"]) for row in truth.values())
    seen = Counter((row["standing"], row["kind"], told.get(path)) for path, row in truth.items())
    print(f"| is | kind | {' | '.join(STANDINGS)} |\n|---|---|{'---|' * len(STANDINGS)}")
    for standing, kind in sorted(kinds, key=lambda one: (STANDINGS.index(one[0]), one[1])):
        counts = [seen[standing, kind, as_what] for as_what in STANDINGS]
        print(f"| {standing} | {kind} | {' | '.join(str(count or '') for count in counts)} |")
    for standing in STANDINGS:
        right = sum(told.get(path) == standing == row["standing"] for path, row in truth.items())
        all_told, all_true = (sum(value == standing for value in of) for of in (told.values(), [r["standing"] for r in truth.values()]))
        if all_told or all_true:
            print(f"{standing}: precision {right}/{all_told}, recall {right}/{all_true}")
    print(f"unsure: {sum(value == 'unsure' for value in told.values()) / max(1, len(told)):.3f} of all")
    wrong = [path for path, row in truth.items() if told.get(path) == "there" and row["standing"] != "there"]
    for path in sorted(wrong):
        print(f"  told as there: {path} ({truth[path]['standing']}, {truth[path]['kind']})")
    for path in sorted(missing):
        print(f"  not told: {path}")
    sys.exit(bool(wrong or missing))


def main():
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers(required=True)
    making = verbs.add_parser("make")
    making.add_argument("sources", type=Path, nargs="+")
    making.add_argument("out", type=Path)
    making.add_argument("truth", type=Path)
    making.add_argument("--archive", type=int, default=2000)
    making.add_argument("--card", type=int, default=300)
    making.add_argument("--seed", type=int, default=1)
    making.add_argument("--series", type=Path)
    making.set_defaults(run=make)
    checking = verbs.add_parser("check")
    checking.add_argument("truth", type=Path)
    checking.add_argument("csv")
    checking.add_argument("--card", type=Path, required=True)
    checking.set_defaults(run=check)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
