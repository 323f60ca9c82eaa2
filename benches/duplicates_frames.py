#!/usr/bin/env python3
"""Which copies in frames `simages duplicates --quick` finds, by kind of frame.

    duplicates_frames.py PLANTED... --simages BINARY

PLANTED: folders made by planted_copies.py; their originals are taken, and a copy of each in each of the FRAMES. In Markdown: the
share of the pairs (original, copy) that are found, for each folder, and how many pairs of different originals are. Needs Pillow.
"""
import argparse
import csv
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import ImageOps

from planted_copies import ORIGINAL, TURN, load, scaled

# Name, widths (left, above, right, below) as a part of the width or height, colour, quality of the JPEG.
FRAMES = [
    ("white, 3 % (thinner than a 32nd)", (0.03, 0.03, 0.03, 0.03), "white", 90),
    ("white, 5 %", (0.05, 0.05, 0.05, 0.05), "white", 90),
    ("white, 10 %, quality 40", (0.1, 0.1, 0.1, 0.1), "white", 40),
    ("black, 8 %, quality 75", (0.08, 0.08, 0.08, 0.08), "black", 75),
    ("red, 15 %", (0.15, 0.15, 0.15, 0.15), (180, 20, 30), 90),
    ("beige, 20 %", (0.2, 0.2, 0.2, 0.2), (235, 225, 205), 90),
    ("black bars above and below, 12 %", (0, 0.12, 0, 0.12), "black", 90),
    ("white bars left and right, 15 %", (0.15, 0, 0.15, 0), "white", 90),
    ("white, 6 %, below 18 %", (0.06, 0.06, 0.06, 0.18), "white", 90),
    ("black, 6 %, all at half the size, mirrored", (0.06, 0.06, 0.06, 0.06), "black", 90),
]


def plant(path, out):
    shutil.copy(path, out / path.name)
    picture, name = load(path), path.name.split("__")[0]
    for number, (frame, widths, colour, quality) in enumerate(FRAMES):
        border = tuple(round(part * side) for part, side in zip(widths, picture.size * 2))
        copy = ImageOps.expand(picture, border, colour)
        if "mirrored" in frame:
            copy = scaled(copy, 1 / 2).transpose(TURN.FLIP_LEFT_RIGHT)
        copy.save(out / f"{name}__{number}.jpg", quality=quality)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("planted", type=Path, nargs="+")
    parser.add_argument("--simages", required=True)
    args = parser.parse_args()
    columns, all_pairs, wrong = [], 0, 0
    for planted in args.planted:
        with tempfile.TemporaryDirectory() as home:
            os.environ.update({f"XDG_{name}_HOME": f"{home}/{name}" for name in ("CACHE", "DATA", "CONFIG")})
            folder = Path(home) / "pictures"
            folder.mkdir()
            originals = sorted(planted.glob(f"*__{ORIGINAL}.*"))
            for path in originals:
                plant(path, folder)
            command = [args.simages, "duplicates", folder, "--quick", "--format", "pairs"]
            output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        pairs = [[Path(row[end]).stem.split("__") for end in ("key", "file")] for row in csv.DictReader(output.splitlines())]
        found = [0] * len(FRAMES)
        for one, other in pairs:
            all_pairs, wrong = all_pairs + 1, wrong + (one[0] != other[0])
            if one[0] == other[0] and ORIGINAL in (one[1], other[1]):
                found[int(other[1] if one[1] == ORIGINAL else one[1])] += 1
        columns.append([f"{count / len(originals):.3f}" for count in found])
    print("| frame, at each side |", " | ".join(path.name for path in args.planted), "|")
    print("|---" * (len(columns) + 1) + "|")
    for number, (frame, *_) in enumerate(FRAMES):
        print(f"| {frame} |", " | ".join(column[number] for column in columns), "|")
    print(f"\n{all_pairs} pairs, {wrong} of different originals")


if __name__ == "__main__":
    main()
