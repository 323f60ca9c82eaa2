#!/usr/bin/env python3
"""Measures what other ways of bringing a picture to 224 x 224 would gain, and averages of several crops.

    preprocessing.py SIMAGES PICTURES [WAY]

PICTURES has a folder for each class. Each way makes copies of the pictures, in the network's input size, in a temporary folder,
which SIMAGES indexes. Prints, for all ways or those with WAY in their names, the mAP by cosine (leave one out) of the
descriptors full, gap and best, computed here. Needs Pillow and numpy, and 9 KB of disk per picture and way.
"""
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from region_axes import REGIONS

SIDE, LARGE = 224, 256
NEAREST, BILINEAR, LANCZOS = Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.LANCZOS
SUFFIXES = {".jpg", ".jpeg", ".png"}
WEIGHTS = np.array([3] + [2] * 8 + [3] + [2] * 4)
# Subtracted from a region's vector, and each channel's component along each axis (region_axes.py).
SHARED, *AXES = np.load(Path(__file__).parent.parent / "weights" / "regions.npy")


def squashed(picture, how):
    return [picture.resize((SIDE, SIDE), how)]


def shorter_side(picture, side, how):
    scale = side / min(picture.size)
    return picture.resize([max(side, round(length * scale)) for length in picture.size], how)


def cut(picture, x, y):
    """A part of 224 x 224, at this share of the room to the right and downwards."""
    x, y = round((picture.width - SIDE) * x), round((picture.height - SIDE) * y)
    return picture.crop((x, y, x + SIDE, y + SIDE))


def centre(picture, side, how):
    return [cut(shorter_side(picture, side, how), 0.5, 0.5)]


def mirrored(pictures):
    return pictures + [picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for picture in pictures]


def five(picture, how):
    large = shorter_side(picture, LARGE, how)
    return [cut(large, x, y) for x, y in [(0, 0), (1, 0), (0, 1), (1, 1), (0.5, 0.5)]]


WAYS = {
    "nearest neighbour, squashed (as Keras)": lambda p: squashed(p, NEAREST),
    "bilinear, antialiased, squashed": lambda p: squashed(p, BILINEAR),
    "Lanczos, squashed": lambda p: squashed(p, LANCZOS),
    "shorter side 224, centre, bilinear": lambda p: centre(p, SIDE, BILINEAR),
    "shorter side 224, centre, nearest": lambda p: centre(p, SIDE, NEAREST),
    "shorter side 256, centre 224, bilinear": lambda p: centre(p, LARGE, BILINEAR),
    "shorter side 256, centre 224, nearest": lambda p: centre(p, LARGE, NEAREST),
    "and mirrored: 2 passes": lambda p: mirrored(squashed(p, NEAREST)),
    "five crops of 256, bilinear: 5 passes": lambda p: five(p, BILINEAR),
    "five crops of 256, nearest: 5 passes": lambda p: five(p, NEAREST),
    "and mirrored: 10 passes": lambda p: mirrored(five(p, NEAREST)),
}


def unit(x):
    return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-12)


def by_regions(x):
    """All pairs of regions: a match kernel, `[n, n]`."""
    grid = x.reshape(-1, 7, 7, 512)
    means = [np.sqrt((grid[:, v:v + s, u:u + s] ** 2).mean((1, 2))) for u, v, s in REGIONS]
    regions = unit((unit(np.stack(means, 1)) - SHARED) @ np.array(AXES)).reshape(-1, 512)
    kernel = np.zeros((len(x), len(x)))
    some = 50
    for begin in range(0, len(x), some):
        part = regions[begin * 14:(begin + some) * 14] @ regions.T
        part = part.reshape(-1, 14, len(x), 14) ** 3
        kernel[begin:begin + some] = np.einsum("iajb,a,b->ij", part, WEIGHTS, WEIGHTS, optimize=True)
    norms = np.sqrt(np.diag(kernel))
    return kernel / np.outer(norms, norms)


def mean_average_precision(similar, classes):
    similar = similar.copy()
    np.fill_diagonal(similar, -np.inf)
    order = np.argsort(-similar, axis=1, kind="stable")[:, :-1]
    relevant = classes[order] == classes[:, None]
    precision = relevant.cumsum(1) / np.arange(1, relevant.shape[1] + 1)
    found = relevant.sum(1)
    return ((precision * relevant).sum(1)[found > 0] / found[found > 0]).mean()


def described(program, paths, way, work):
    """Descriptors, averaged over each picture's parts."""
    sums, parts = None, len(way(Image.new("RGB", (SIDE, SIDE))))
    for part in range(parts):
        folder = Path(tempfile.mkdtemp(dir=work))
        for number, path in enumerate(paths):
            with Image.open(path) as picture:
                way(picture.convert("RGB"))[part].save(folder / f"{number:06}.bmp")
        subprocess.run([program, "index", folder], check=True, stderr=subprocess.DEVNULL)
        # In the order of names, like all of ours.
        features = np.load(folder / "features.npz")["features"].reshape(len(paths), -1).astype(np.float32)
        sums = features if sums is None else sums + features
        subprocess.run(["rm", "-r", folder], check=True)
    return sums / parts


def main():
    program, root = sys.argv[1], Path(sys.argv[2])
    paths = sorted(path for path in root.rglob("*") if path.suffix.lower() in SUFFIXES)
    classes = np.unique([path.parent.name for path in paths], return_inverse=True)[1]
    print(f"{root.name}, mAP of full, gap, best")
    with tempfile.TemporaryDirectory() as work:
        for name, way in WAYS.items():
            if not any(chosen in name for chosen in sys.argv[3:] or [""]):
                continue
            x = described(program, paths, way, work)
            full, gap = unit(x), unit(x.reshape(len(x), 49, 512).mean(1))
            similar = [full @ full.T, gap @ gap.T, by_regions(x)]
            print(f"{name:40}", *(f"{mean_average_precision(s, classes):.3f}" for s in similar), flush=True)


if __name__ == "__main__":
    main()
