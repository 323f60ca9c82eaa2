#!/usr/bin/env python3
"""Measures which descriptor finds the picture that a part was cut from.

    parts.py SIMAGES PICTURES OUT

PICTURES has a folder for each class. Makes in OUT, always the same:

- collages: 150 pictures of 768 x 512, each of four pictures of four classes; the keys are a quarter of each (one of the four),
  and a rectangle in one of the four, of 0.5 to 0.8 of its sides.
- 100 of the pictures themselves; the keys are rectangles of 0.5 and of 0.33 of their sides, anywhere in them.

`SIMAGES join` ranks all wholes for each key (like `query 'whole.jpg#x,y,w,h'`). Prints, by descriptor, the share of keys whose
whole comes first and is among the first ten, and the mean of 1 / its rank. Needs Pillow.
"""
import csv
import io
import random
import subprocess
import sys
from pathlib import Path

from PIL import Image

DESCRIPTORS = ["full", "gap", "gem", "mac", "rmac", "best"]
SUFFIXES = {".jpg", ".jpeg", ".png"}
CELL = (384, 256)


def save(picture, folder, name):
    folder.mkdir(parents=True, exist_ok=True)
    picture.convert("RGB").save(folder / f"{name}.png")


def inside(picture, share, rng):
    """A rectangle with this share of both sides, anywhere in the picture."""
    width, height = (round(length * share) for length in picture.size)
    x, y = rng.randint(0, picture.width - width), rng.randint(0, picture.height - height)
    return picture.crop((x, y, x + width, y + height))


def make(pictures, out):
    rng = random.Random(24)
    classes = sorted(folder for folder in pictures.iterdir() if folder.is_dir())
    of = {c: sorted(p for p in c.iterdir() if p.suffix.lower() in SUFFIXES) for c in classes}
    for number in range(150):
        collage, name = Image.new("RGB", (2 * CELL[0], 2 * CELL[1])), f"{number:03}"
        cells = [Image.open(rng.choice(of[c])).convert("RGB").resize(CELL) for c in rng.sample(classes, 4)]
        for at, cell in enumerate(cells):
            collage.paste(cell, (at % 2 * CELL[0], at // 2 * CELL[1]))
        save(collage, out / "collages", name)
        save(rng.choice(cells), out / "quarters", name)
        save(inside(rng.choice(cells), rng.uniform(0.5, 0.8), rng), out / "insides", name)
    everything = [p for c in classes for p in of[c]]
    for path in rng.sample(everything, 100):
        picture = Image.open(path).convert("RGB")
        name = path.relative_to(pictures).as_posix().replace("/", "@")
        save(inside(picture, 0.5, rng), out / "halves", name)
        save(inside(picture, 0.33, rng), out / "thirds", name)


def ranks(simages, keys, wholes, descriptor, whole_of):
    """The rank of each key's whole."""
    command = [simages, "join", keys, wholes, "--descriptor", descriptor, "--knn", "100000", "--format", "csv"]
    text = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout
    found = {}
    for row in csv.DictReader(io.StringIO(text)):
        if row["file"] == whole_of(row["key"]):
            found[row["key"]] = int(row["rank"])
    return list(found.values())


def main():
    simages, pictures, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if not out.exists():
        make(pictures, out)
    themselves, original = (lambda key: key), (lambda key: key.removesuffix(".png").replace("@", "/"))
    print(f"{'keys':<10} descriptor   first  in ten  1/rank")
    for keys, wholes, whole_of in [
        ("quarters", out / "collages", themselves),
        ("insides", out / "collages", themselves),
        ("halves", pictures, original),
        ("thirds", pictures, original),
    ]:
        for descriptor in DESCRIPTORS:
            of = ranks(simages, out / keys, wholes, descriptor, whole_of)
            share = lambda most: sum(rank <= most for rank in of) / len(of)
            mean = sum(1 / rank for rank in of) / len(of)
            print(f"{keys:<10} {descriptor:<10}  {share(1):.3f}   {share(10):.3f}   {mean:.3f}", flush=True)


if __name__ == "__main__":
    main()
