#!/usr/bin/env python3
"""Series of pictures that are nearly alike and yet no copies, to measure that none of them is taken for one.

    series.py PICTURES... OUT [--count N] [--seed S] [--frames F] [--leave-out NAME]... [--framed]

N pictures (12), chosen as planted_copies.py chooses, become a series each, a folder of OUT with F frames (8), 000.jpg to ...:
handheld-* as a camera held in the hand takes them one after the other (shifted by 1 to 4 %, turned by up to 1.5 degrees, a little
askew, each with other noise and another exposure), and tripod-*, every third, from one place with a thing that moves. They
stand beside real bursts and don't replace them. --framed: then each series of OUT, also those that were copied there by hand, is
written twice more: white-* in a white frame (6 % of the longer edge), bars-* between black bars (12 % of the height). Needs Pillow
and numpy. The same arguments give the same pictures.
"""
import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from flat_objects import LANCZOS, in_perspective, part
from planted_copies import SUFFIXES, choose, load

# How much of the picture a frame shows of each side: the rest is room to move in.
SHOWN = 0.84


def held(picture, rng):
    """What a camera that moved a little sees of the picture."""
    (w, h), size = picture.size, np.array(picture.size)
    frame = (size * SHOWN).astype(int)
    turn = np.deg2rad(rng.uniform(-1.5, 1.5))
    flat = np.array([(-w, -h), (w, -h), (w, h), (-w, h)]) / 2
    turned = flat @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    shift = rng.choice([-1, 1], 2) * rng.uniform(0.01, 0.04, 2) * size
    askew = rng.uniform(-0.006, 0.006, (4, 2)) * size
    return in_perspective(picture, tuple(frame), turned + shift + askew + frame / 2).convert("RGB")


def thing(other, size, rng):
    """A round thing with soft edges, cut out of another picture, and its mask."""
    w, h = (int(side * rng.uniform(0.14, 0.22)) for side in size)
    mask = Image.new("L", (w, h))
    ImageDraw.Draw(mask).ellipse((2, 2, w - 3, h - 3), fill=255)
    return part(other, (w, h), rng), mask.filter(ImageFilter.GaussianBlur(1.5))


def exposed(picture, change, rng):
    """With noise of its own, lighter or darker by up to `change`."""
    values = np.asarray(picture, float) * rng.uniform(1 - change, 1 + change)
    values += rng.normal(0, rng.uniform(1.5, 4), values.shape)
    return Image.fromarray(values.clip(0, 255).round().astype(np.uint8))


def handheld(picture, frames, rng):
    return [exposed(held(picture, rng), 0.08, rng) for _ in range(frames)]


def from_tripod(picture, other, frames, rng):
    """The thing goes across the picture along a line."""
    view = picture.resize([int(side * SHOWN) for side in picture.size], LANCZOS)
    moved, mask = thing(other, view.size, rng)
    room = np.array(view.size) - moved.size
    start, end = rng.uniform((0, 0), (0.25, 1)), rng.uniform((0.75, 0), (1, 1))
    series = []
    for step in np.linspace(0, 1, frames):
        frame = view.copy()
        frame.paste(moved, tuple(int(v) for v in (start + (end - start) * step) * room), mask)
        series.append(exposed(frame, 0.01, rng))
    return series


def in_white(picture):
    return ImageOps.expand(picture, round(max(picture.size) * 0.06), "white")


def between_bars(picture):
    return ImageOps.expand(picture, (0, round(picture.height * 0.12)), "black")


def framed(out):
    """Each series once more in each kind of frame."""
    for folder in sorted(path for path in out.iterdir() if path.is_dir() and not path.name.startswith(("white-", "bars-"))):
        for name, change in (("white", in_white), ("bars", between_bars)):
            target = out / f"{name}-{folder.name}"
            target.mkdir(exist_ok=True)
            for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES):
                change(load(path)).save(target / f"{path.stem}.jpg", quality=92)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--leave-out", action="append", default=[])
    parser.add_argument("--framed", action="store_true")
    args = parser.parse_args()
    pictures = [load(path) for _, path in choose(args.pictures, args.count, args.seed, left_out=args.leave_out)]
    for number, picture in enumerate(pictures):
        rng = np.random.default_rng([args.seed, number])
        if number % 3 == 2:
            name, series = "tripod", from_tripod(picture, pictures[number - 1], args.frames, rng)
        else:
            name, series = "handheld", handheld(picture, args.frames, rng)
        folder = args.out / f"{name}-{number:02}"
        folder.mkdir(parents=True, exist_ok=True)
        for i, frame in enumerate(series):
            frame.save(folder / f"{i:03}.jpg", quality=int(rng.integers(86, 95)))
    if args.framed:
        framed(args.out)


if __name__ == "__main__":
    main()
