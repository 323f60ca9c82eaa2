#!/usr/bin/env python3
"""Makes pictures with worse copies of each, to measure how well copies are found.

    planted_copies.py PICTURES... OUT [--count N] [--seed S] [--width W] [--leave-out NAME]... [--other-than SET]

Takes N originals (60), equally many from each of the folders PICTURES, and within one in turn from its subfolders; those at
least W pixels wide (300) first. OUT gets each as ORIGINAL__original.EXT, the unchanged file, and twelve copies of it,
ORIGINAL__KIND.jpg, of quality 90 unless KINDS says otherwise. Skips folders named NAME (Faces_easy of Caltech-101 has the
pictures of Faces, cropped), and pictures that are originals in SET, an earlier OUT. Needs Pillow and numpy. The same arguments
give the same pictures.
"""
import argparse
import re
import shutil
from itertools import zip_longest
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

SUFFIXES = {".jpg", ".jpeg", ".png"}
LANCZOS, TURN = Image.Resampling.LANCZOS, Image.Transpose
ORIGINAL = "original"


def scaled(picture, by):
    return picture.resize([max(1, round(side * by)) for side in picture.size], LANCZOS)


def cut(picture, kept, shift):
    """`kept` of each side, its centre offset by `shift` of the side, right and down or left and up."""
    w, h = picture.size
    x, y = ((side * (1 - kept) / 2 + side * part for side, part in zip(picture.size, shift)))
    return picture.crop((round(x), round(y), round(x + w * kept), round(y + h * kept)))


def cropped_10(picture, rng):
    """Nine tenths of each side, near a corner."""
    return cut(picture, 0.9, rng.choice([-1, 1], 2) * rng.uniform(0.02, 0.05, 2))


def cropped_60(picture, rng):
    return cut(picture, 0.6, rng.uniform(-0.08, 0.08, 2))


def with_banner(picture, rng):
    """A line of text on a band over the lowest eighth."""
    picture, (w, h) = picture.copy(), picture.size
    draw = ImageDraw.Draw(picture)
    ground = tuple(int(v) for v in rng.integers(0, 256, 3))
    ink = (0, 0, 0) if sum(ground) > 380 else (255, 255, 255)
    draw.rectangle((0, h - h // 8, w, h), fill=ground)
    draw.text((w * 0.03, h - h // 8 + h * 0.02), "photographs.example", fill=ink, font=ImageFont.load_default(size=max(8, h // 13)))
    return picture


def in_frame(picture, rng):
    """A white frame around it, 5 % of the sides."""
    w, h = picture.size
    return ImageOps.expand(picture, (round(w * 0.05), round(h * 0.05)), "white")


# The change, and the quality of the JPEG.
KINDS = {
    "recompressed": (lambda picture, rng: picture, 30),
    "half": (lambda picture, rng: scaled(picture, 1 / 2), 90),
    "tiny": (lambda picture, rng: scaled(picture, 1 / 3), 60),
    "crop10": (cropped_10, 90),
    "crop60": (cropped_60, 90),
    "brighter": (lambda picture, rng: picture.point(lambda v: min(255, round(v * 1.3))), 90),
    "grey": (lambda picture, rng: picture.convert("L"), 90),
    "turned90": (lambda picture, rng: picture.transpose(TURN.ROTATE_90), 90),
    "turned180": (lambda picture, rng: picture.transpose(TURN.ROTATE_180), 90),
    "mirrored": (lambda picture, rng: picture.transpose(TURN.FLIP_LEFT_RIGHT), 90),
    "banner": (with_banner, 90),
    "border": (in_frame, 90),
}


def load(path):
    with Image.open(path) as picture:
        return picture.convert("RGB")


def width(path):
    with Image.open(path) as picture:
        return picture.width


def label(root, path):
    """A picture's name, preceded by its folders below `root`, as one word."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", "-".join(path.relative_to(root.parent).with_suffix("").parts))


def in_turn(lists):
    """The first of each list, then the second of each, and so on."""
    return [item for turn in zip_longest(*lists) for item in turn if item is not None]


def candidates(root, wide, left_out, rng):
    """(label, path) of all pictures of a folder, in the order of taking."""
    folders = {}
    for path in sorted(p for p in root.rglob("*") if p.suffix.lower() in SUFFIXES and p.parent.name not in left_out):
        folders.setdefault(path.parent, []).append(path)
    shuffled = []
    for paths in folders.values():
        paths = [paths[i] for i in rng.permutation(len(paths))]
        shuffled.append(sorted(paths, key=lambda path: width(path) < wide))
    shuffled = [shuffled[i] for i in rng.permutation(len(shuffled))]
    return sorted(((label(root, path), path) for path in in_turn(shuffled)), key=lambda one: width(one[1]) < wide)


def originals_in(folder):
    """The labels of a folder's originals."""
    return {path.name.split("__")[0] for path in folder.glob(f"*__{ORIGINAL}.*")}


def choose(roots, count, seed, wide=300, left_out=(), taken=frozenset()):
    """(label, path) of `count` originals of these folders, without those already taken."""
    rng = np.random.default_rng(seed)
    each = [candidates(root, wide, left_out, rng) for root in roots]
    chosen = dict(one for one in in_turn(each) if one[0] not in taken)
    return sorted(list(chosen.items())[:count])


def plant(name, path, number, seed, out):
    shutil.copy(path, out / f"{name}__{ORIGINAL}{path.suffix.lower()}")
    picture, rng = load(path), np.random.default_rng([seed, number])
    for kind, (change, quality) in KINDS.items():
        change(picture, rng).save(out / f"{name}__{kind}.jpg", quality=quality)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--width", type=int, default=300)
    parser.add_argument("--leave-out", action="append", default=[])
    parser.add_argument("--other-than", type=Path)
    args = parser.parse_args()
    taken = originals_in(args.other_than) if args.other_than else set()
    args.out.mkdir(parents=True, exist_ok=True)
    for number, (name, path) in enumerate(choose(args.pictures, args.count, args.seed, args.width, args.leave_out, taken)):
        plant(name, path, number, args.seed, args.out)


if __name__ == "__main__":
    main()
