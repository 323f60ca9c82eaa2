#!/usr/bin/env python3
"""Makes pictures of flat objects, to measure how well the same object is found again: prints, pages, covers, paintings, stamps.

    flat_objects.py PICTURES OUT [OBJECTS [SEED]]

Takes up to OBJECTS (60) pictures of the folder PICTURES as objects, in equal numbers from its subfolders as far as possible.
Each object becomes a folder in OUT with the picture itself and ten others of it, named by the change; so a picture's class is
its folder. The remaining pictures serve as backgrounds and occluders (other objects, if none remain). PNG, 256 pixels along
the object's longer edge. Needs Pillow and numpy. The same pictures give the same result: all randomness comes from the seed
and the object's number.
"""
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

SIDE = 256
SUFFIXES = {".jpg", ".jpeg", ".png"}
GREY = (128, 128, 128)
BICUBIC, LANCZOS = Image.Resampling.BICUBIC, Image.Resampling.LANCZOS


def choose(root, rng, objects):
    """The objects, in turn from each subfolder, and the other pictures."""
    folders = {}
    for path in sorted(p for p in root.rglob("*") if p.suffix.lower() in SUFFIXES):
        folders.setdefault(path.parent, []).append(path)
    shuffled = [[paths[i] for i in rng.permutation(len(paths))] for paths in folders.values()]
    turns = [paths[turn] for turn in range(max(map(len, shuffled))) for paths in shuffled if turn < len(paths)]
    return sorted(turns[:objects]), sorted(turns[objects:])


def load(path):
    with Image.open(path) as picture:
        picture = picture.convert("RGB")
    scale = SIDE / max(picture.size)
    return picture.resize([max(1, round(side * scale)) for side in picture.size], LANCZOS)


def part(picture, size, rng):
    """A random part of `picture`, at least half its sides, scaled to `size`."""
    scale = rng.uniform(0.5, 1) * min(picture.width / size[0], picture.height / size[1])
    w, h = max(1, int(size[0] * scale)), max(1, int(size[1] * scale))
    x, y = rng.integers(picture.width - w + 1), rng.integers(picture.height - h + 1)
    return picture.resize(size, LANCZOS, box=(x, y, x + w, y + h))


def over(background, layer):
    background.paste(layer, mask=layer.getchannel("A"))
    return background


def rotated(picture, degrees, background):
    """Rotated without cropping, in the smallest frame; `background(size)` fills the corners."""
    layer = picture.convert("RGBA").rotate(degrees, BICUBIC, expand=True)
    return over(background(layer.size), layer)


def cropped(picture, rng):
    """60 % of each side, at one of the corners."""
    w, h = (int(side * 0.6) for side in picture.size)
    x, y = (picture.width - w) * rng.integers(2), (picture.height - h) * rng.integers(2)
    return picture.crop((x, y, x + w, y + h))


def occluded(picture, other, rng):
    """A third, along one of the four sides, is hidden by a part of `other`."""
    w, h, side = *picture.size, rng.integers(4)
    size = (w, h // 3) if side < 2 else (w // 3, h)
    picture = picture.copy()
    picture.paste(part(other, size, rng), (w - size[0], h - size[1]) if side % 2 else (0, 0))
    return picture


def in_perspective(picture, size, corners):
    """A layer of `size` with `picture` in it, its corners at these points; transparent elsewhere."""
    (w, h), rows, right = picture.size, [], []
    for (u, v), (x, y) in zip([(0, 0), (w, 0), (w, h), (0, h)], corners):
        # Pillow needs the inverse, from target to source pixels.
        rows += [(x, y, 1, 0, 0, 0, -u * x, -u * y), (0, 0, 0, x, y, 1, -v * x, -v * y)]
        right += [u, v]
    way_back = np.linalg.solve(rows, right)
    return picture.convert("RGBA").transform(size, Image.Transform.PERSPECTIVE, way_back, BICUBIC)


def seen_askew(picture, background, rng):
    """In perspective: each corner moved inwards by up to 30 % of the sides."""
    w, h = picture.size
    corners = np.array([(0, 0), (w, 0), (w, h), (0, h)], float)
    inwards = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)])
    moved = corners + inwards * rng.uniform(0, 0.3, (4, 2)) * (w, h)
    return over(background(picture.size), in_perspective(picture, picture.size, moved))


def relit(picture, rng):
    """Darker or lighter in the middle tones, less or more contrast, and a tint."""
    gamma = [0.5, 2][rng.integers(2)]
    tint = rng.uniform(0.8, 1, 3)
    curves = [min(255, round(255 * (v / 255) ** gamma * t)) for t in tint for v in range(256)]
    return ImageEnhance.Contrast(picture.point(curves)).enhance([0.6, 1.4][rng.integers(2)])


def small(picture, background, rng):
    """Half as long as the sides of its background, a quarter of its area, anywhere."""
    behind = background(picture.size)
    w, h = (side // 2 for side in picture.size)
    behind.paste(picture.resize((w, h), LANCZOS), (int(rng.integers(w + 1)), int(rng.integers(h + 1))))
    return behind


def variants(picture, others, rng):
    other = lambda: others[rng.integers(len(others))]
    grey = lambda size: Image.new("RGB", size, GREY)
    photo = lambda size: part(other(), size, rng)
    return {
        "as-is": picture,
        "rotate-15": rotated(picture, 15, photo),
        "rotate-45": rotated(picture, 45, grey),
        "rotate-90": picture.transpose(Image.Transpose.ROTATE_90),
        "rotate-180": picture.transpose(Image.Transpose.ROTATE_180),
        "mirrored": picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        "crop": cropped(picture, rng),
        "occluded": occluded(picture, other(), rng),
        "perspective": seen_askew(picture, photo, rng),
        "light": relit(picture, rng),
        "small": small(picture, photo, rng),
    }


def main():
    root, out = Path(sys.argv[1]), Path(sys.argv[2])
    count, seed = (int(argument) for argument in [*sys.argv[3:5], *["60", "1"][len(sys.argv[3:5]):]])
    paths, rest = choose(root, np.random.default_rng(seed), count)
    objects, others = [load(path) for path in paths], [load(path) for path in rest]
    for number, (path, picture) in enumerate(zip(paths, objects)):
        folder = out / "_".join(path.relative_to(root).with_suffix("").parts)
        folder.mkdir(parents=True, exist_ok=True)
        behind = others or objects[:number] + objects[number + 1:] or [picture]
        for name, variant in variants(picture, behind, np.random.default_rng([seed, number])).items():
            variant.save(folder / f"{name}.png")


if __name__ == "__main__":
    main()
