#!/usr/bin/env python3
"""Makes a picture collection with copies in it, and checks whether a user found them.

    duplicates_job.py make PICTURES... OUT TRUTH [--pictures N] [--originals N] [--seed S] [--series FOLDER] [--leave-out NAME]...
    duplicates_job.py check TRUTH LIST [--folder OUT]

make: OUT gets N pictures (600) in everyday folders, named IMG_0001.jpg and so on, with camera and date. 62 of them are worse
copies (COPIES lists the kinds and numbers) of 51 originals, eleven of which have two copies. TRUTH, a file outside OUT, lists
them: copy,original,kind. Each copy has fewer pixels than its original, or the same number in a lossy instead of a lossless
format, or fewer bytes, or is identical and newer. With --series, 24 of the other pictures are from six series of FOLDER:
similar, but not copies.
check: LIST has a path per line, or paths that end in NUL (- is standard input), absolute or relative to OUT. Prints how many
copies it contains, and which other pictures; if there are any, the exit status is 1. Needs Pillow and numpy. The same
arguments give the same files.
"""
import argparse
import csv
import io
import os
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

import numpy as np
from PIL import Image

from planted_copies import KINDS, choose, load, scaled

COPIES = {
    "identical": 12, "half": 10, "recompressed": 10, "crop10": 6, "grey": 5, "turned90": 4, "turned180": 2, "mirrored": 3,
    "tiny": 5, "png-of-jpeg": 3, "jpeg-of-png": 2,
}
PLACES = ["2018", "2018/winter", "2019", "2019/garden", "2020", "2020/trip", "2021", "phone", "web", "downloads"]
SHARES = [0.1, 0.07, 0.14, 0.1, 0.12, 0.16, 0.1, 0.11, 0.05, 0.05]
COPY_PLACES = ["backup", "backup/2019", "backup/phone", "web", "downloads", "to print"]
CAMERAS = [("Canon", "EOS 80D"), ("NIKON CORPORATION", "D5300"), ("Google", "Pixel 3"), ("Panasonic", "DMC-TZ71")]
SERIES, OF_EACH = 6, 4


def jpeg(picture, quality, below=None):
    """A JPEG of this quality, or of lower quality until it has fewer than `below` bytes."""
    while True:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality)
        if below is None or len(file.getvalue()) < below or quality <= 10:
            return file.getvalue()
        quality -= 5


def png(picture):
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def with_exif(data, camera, date):
    """A JPEG with a camera and a date added, its pixels unchanged."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = camera
    exif[0x0132] = exif.get_ifd(0x8769)[0x9003] = date.strftime("%Y:%m:%d %H:%M:%S")
    block = exif.tobytes()
    return data[:2] + b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block + data[2:]


def copy_of(data, kind, rng):
    """The bytes of a worse copy, and its suffix (None: the original's)."""
    if kind == "identical":
        return data, None
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    if kind == "png-of-jpeg":
        return png(scaled(picture, 3 / 4)), ".png"
    if kind == "jpeg-of-png":
        return jpeg(picture, 90), ".jpg"
    change, quality = KINDS[kind]
    return jpeg(change(picture, rng), quality, below=len(data)), ".jpg"


class Folder:
    """The output folder, with names used only once."""

    def __init__(self, root):
        self.root, self.taken = root, set()

    def put(self, place, stem, suffix, data, date):
        """Writes the file with its date, and returns its path relative to the root."""
        name, number = f"{stem}{suffix}", 1
        while f"{place}/{name}" in self.taken:
            number += 1
            name = f"{stem} ({number}){suffix}"
        path = self.root / place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (date.timestamp(), date.timestamp()))
        self.taken.add(f"{place}/{name}")
        return f"{place}/{name}"


def date_in(place, rng):
    year = int(place[:4]) if place[:4].isdigit() else int(rng.integers(2018, 2022))
    return datetime(year, *(int(rng.integers(1, end)) for end in (13, 29, 24, 60, 60)))


def kinds_for(originals, rng):
    """The kinds of each original's copies: one each, then a second, different one for the first few."""
    kinds = [kind for kind, count in COPIES.items() for _ in range(count)]
    while True:
        kinds = [kinds[i] for i in rng.permutation(len(kinds))]
        each = [kinds[i::originals] for i in range(originals)]
        # A PNG with a second copy could be kept for other reasons than the truth's.
        if all(len(set(one)) == len(one) and (len(one) == 1 or "jpeg-of-png" not in one) for one in each):
            return each


def of_series(root, rng):
    folders = sorted(path for path in root.iterdir() if path.is_dir() and len(list(path.glob("*.jpg"))) >= OF_EACH)
    for i in sorted(rng.permutation(len(folders))[:SERIES]):
        yield sorted(folders[i].glob("*.jpg"))[:OF_EACH]


def name_of(number, rng):
    return f"IMG_{number:04}" if rng.random() < 0.8 else f"DSC{number:05}"


def make(args):
    rng = np.random.default_rng(args.seed)
    folder, number = Folder(args.out), 0
    runs = list(of_series(args.series, rng)) if args.series else []
    others = args.pictures - sum(COPIES.values()) - sum(map(len, runs))
    chosen = [path for _, path in choose(args.sources, others, args.seed, left_out=args.leave_out)]
    chosen = [chosen[i] for i in rng.permutation(len(chosen))]
    kinds = [[] for _ in chosen]
    for i, copies in zip(rng.permutation(others)[:args.originals], kinds_for(args.originals, rng)):
        kinds[i] = copies
    truth = []
    for path, copies in [*zip(chosen, kinds, strict=True), *((path, []) for run in runs for path in run)]:
        place = str(rng.choice(PLACES, p=SHARES)) if path in chosen else "2020/trip"
        number += int(rng.integers(1, 4)) if path in chosen else 1
        date = date_in(place, rng)
        stem, suffix, data = name_of(number, rng), path.suffix.lower(), path.read_bytes()
        if "jpeg-of-png" in copies:
            suffix, data = ".png", png(load(path))
        elif suffix in (".jpg", ".jpeg") and rng.random() < 0.7:
            data = with_exif(data, CAMERAS[rng.integers(len(CAMERAS))], date)
        original = folder.put(place, stem, suffix, data, date)
        for kind in copies:
            changed, ending = copy_of(data, kind, rng)
            there = str(rng.choice(COPY_PLACES))
            called = stem if rng.random() < 0.6 else f"{['small', 'edited', 'image', 'photo'][rng.integers(4)]}-{rng.integers(100, 999)}"
            later = date.replace(year=date.year + int(rng.integers(4, 6)))
            truth.append((folder.put(there, called, ending or suffix, changed, later), original, kind))
    with open(args.truth, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["copy", "original", "kind"])
        writer.writerows(sorted(truth))
    print(f"{len(folder.taken)} pictures, {len(truth)} copies of {len({row[1] for row in truth})} originals")


def check(args):
    rows = list(csv.DictReader(open(args.truth, newline="")))
    kinds, originals = {row["copy"]: row["kind"] for row in rows}, {row["original"] for row in rows}
    text = sys.stdin.read() if args.list == "-" else Path(args.list).read_text()
    paths = [path for path in (text.split("\0") if "\0" in text else text.splitlines()) if path]
    root = args.folder and os.path.abspath(args.folder)
    marked = {os.path.relpath(path, root) if root and os.path.isabs(path) else os.path.normpath(path) for path in paths}
    found = marked & kinds.keys()
    wrong, other = marked & originals, marked - kinds.keys() - originals
    print(f"{len(found)} of {len(kinds)} copies, {len(wrong)} originals, {len(other)} others")
    for kind, count in Counter(kinds[path] for path in kinds.keys() - found).most_common():
        print(f"  not found: {count} of {COPIES.get(kind, '?')} {kind}")
    for path in sorted(wrong | other):
        print(f"  wrong: {path}" + (" (an original)" if path in wrong else ""))
    sys.exit(bool(wrong or other))


def main():
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers(required=True)
    making = verbs.add_parser("make")
    making.add_argument("sources", type=Path, nargs="+")
    making.add_argument("out", type=Path)
    making.add_argument("truth", type=Path)
    making.add_argument("--pictures", type=int, default=600)
    making.add_argument("--originals", type=int, default=51)
    making.add_argument("--seed", type=int, default=1)
    making.add_argument("--series", type=Path)
    making.add_argument("--leave-out", action="append", default=[])
    making.set_defaults(run=make)
    checking = verbs.add_parser("check")
    checking.add_argument("truth", type=Path)
    checking.add_argument("list")
    checking.add_argument("--folder", type=Path)
    checking.set_defaults(run=check)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
