#!/usr/bin/env python3
"""Makes pictures to join: those of some folders, and six noise-free variants of each.

    join_pictures.py OUT FOLDER...

Mirrored, upside down, rotated by 90 degrees, and three crops of four fifths of each side. PNG, so that nothing is lost a second
time. Leaves existing pictures alone.
"""
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from PIL import Image

SUFFIXES = {".jpg", ".jpeg", ".png"}


def crop(picture, x, y):
    w, h = picture.size
    left, top = int(w * 0.2 * x), int(h * 0.2 * y)
    return picture.crop((left, top, left + int(w * 0.8), top + int(h * 0.8)))


VARIANTS = {
    "as-is": lambda p: p,
    "mirrored": lambda p: p.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "upside-down": lambda p: p.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    "quarter": lambda p: p.transpose(Image.Transpose.ROTATE_90),
    "crop-middle": lambda p: crop(p, 0.5, 0.5),
    "crop-top-left": lambda p: crop(p, 0, 0),
    "crop-bottom-right": lambda p: crop(p, 1, 1),
}


def make(path, stem, out):
    for variant, change in VARIANTS.items():
        to = out / f"{stem}_{variant}.png"
        if not to.exists():
            with Image.open(path) as picture:
                change(picture.convert("RGB")).save(to, compress_level=1)


def main():
    out, folders = Path(sys.argv[1]), [Path(f) for f in sys.argv[2:]]
    out.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor() as pool:
        jobs = []
        for folder in folders:
            for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES):
                stem = "_".join([folder.name, *path.relative_to(folder).with_suffix("").parts])
                jobs.append(pool.submit(make, path, stem, out))
        for job in jobs:
            job.result()


if __name__ == "__main__":
    main()
