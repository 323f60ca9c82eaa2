#!/usr/bin/env python3
"""Makes pictures of covers held in a hand or lying on a table, to measure how well the same cover is found again.

    held_covers.py PICTURES OUT [--covers N] [--seed S] [--places N] [--kind hand|table]

Turns up to N pictures of the folder PICTURES into covers: cropped to a cover's shape, with a title. Takes equal numbers from
the folders of PICTURES as far as possible. Each cover becomes a folder in OUT with its scan and eight photographs of it, so a
picture's class is its folder. A photograph shows the cover in strong perspective, rotated, with a reflection, partly behind
fingers, in one of a few cluttered places that recur, like someone holding covers up to a camera. `table`: no hand, but
smaller covers at any angle, partly under other covers, each on its own background. JPEG, 480 pixels along the longer edge.
Needs Pillow and numpy. The same arguments give the same pictures: all randomness comes from the seed and the cover's number.
"""
import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from flat_objects import BICUBIC, LANCZOS, choose, in_perspective, load, over, part

PHOTOGRAPHS, LONGER = 8, 480
WORDS = "north river night garden silent letters winter stone atlas light paper seven city of the and blue hours".split()
SKINS = [(224, 172, 140), (198, 134, 100), (141, 92, 64), (241, 194, 160)]


def cover(picture, rng):
    """A part of `picture` in a cover's shape, with a title on a band or on the picture itself."""
    w, h = [(240, 320), (280, 280), (230, 330)][rng.integers(3)]
    made = part(picture, (w, h), rng)
    draw = ImageDraw.Draw(made)
    ink, ground = [tuple(int(v) for v in rng.integers(0, 256, 3)) for _ in range(2)]
    band = rng.integers(3)
    top = [0, int(h * 0.72), int(h * 0.1)][band]
    if band < 2:
        draw.rectangle((0, top, w, top + int(h * 0.28)), fill=ground)
    words = " ".join(WORDS[i] for i in rng.integers(len(WORDS), size=3)).upper()
    for line, text in enumerate((words[:12], words[12:24])):
        draw.text((w * 0.06, top + h * (0.03 + 0.11 * line)), text, fill=ink, font=ImageFont.load_default(size=h // 11))
    return made


def soft_mask(size, draw_on, blur):
    mask = Image.new("L", size)
    draw_on(ImageDraw.Draw(mask))
    return mask.filter(ImageFilter.GaussianBlur(blur))


def reflection(picture, rng):
    """A lamp's spot or a window's stripe on the cover, white in the middle."""
    w, h = picture.size
    x, y, size = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(0.1, 0.22) * w
    def shape(draw):
        if rng.random() < 0.5:
            draw.ellipse((x - size, y - size, x + size, y + size), fill=255)
        else:
            lean = rng.uniform(-0.6, 0.6) * h
            draw.polygon([(x - size / 2, 0), (x + size / 2, 0), (x + size / 2 + lean, h), (x - size / 2 + lean, h)], fill=200)
    glare = soft_mask(picture.size, shape, 0.25 * size)
    return ImageChops.screen(picture, Image.merge("RGB", [glare] * 3))


def place(others, size, rng):
    """A background: a picture covered with parts of others."""
    behind = part(others[rng.integers(len(others))], size, rng)
    for _ in range(rng.integers(2, 7)):
        w, h = (int(rng.uniform(0.2, 0.55) * side) for side in size)
        piece = part(others[rng.integers(len(others))], (w, h), rng).convert("RGBA")
        piece = piece.rotate(rng.uniform(-50, 50), BICUBIC, expand=True)
        behind.paste(piece, (int(rng.uniform(-0.2, 0.9) * size[0]), int(rng.uniform(-0.2, 0.9) * size[1])), piece)
    return behind


def seen(place, size, rng):
    """A part of a place, large enough to recognize."""
    w, h = (int(side * rng.uniform(0.7, 1)) for side in (min(size[0], place.width), min(size[1], place.height)))
    x, y = rng.integers(place.width - w + 1), rng.integers(place.height - h + 1)
    return place.resize(size, LANCZOS, box=(x, y, x + w, y + h)).filter(ImageFilter.GaussianBlur(rng.uniform(0, 3)))


def corners(shape, frame, scale, degrees, askew, rng):
    """The corners of a cover in the frame."""
    (w, h), turn = shape, np.deg2rad(degrees)
    size = scale * min(frame) / max(w, h)
    flat = np.array([(-w, -h), (w, -h), (w, h), (-w, h)]) / 2 * size
    flat *= 1 + rng.uniform(-askew, 0, (4, 2))
    turned = flat @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    room = np.maximum(0, np.array(frame) / 2 - np.abs(turned).max(0) * 0.85)
    return turned + np.array(frame) / 2 + rng.uniform(-1, 1, 2) * room


def laid(behind, layer, quad):
    """`layer` over `behind`, with its corners at `quad`."""
    over(behind, in_perspective(layer, behind.size, quad))


def fingers(behind, quad, skin, rng):
    """A hand that holds the cover at an edge: fingers that reach into it."""
    edge = rng.integers(4)
    a, b, middle = quad[edge], quad[(edge + 1) % 4], quad.mean(0)
    skin = skin * rng.uniform(0.8, 1.1)
    length = np.linalg.norm(b - a)
    thick = length * rng.uniform(0.12, 0.18)
    start = rng.uniform(0.1, 0.4)
    layer, mask = Image.new("RGB", behind.size), Image.new("L", behind.size)
    draw, masked = ImageDraw.Draw(layer), ImageDraw.Draw(mask)
    for finger in range(rng.integers(1, 4)):
        base = a + (b - a) * min(1, start + finger * 1.15 * thick / length)
        inwards = (middle - base) / np.linalg.norm(middle - base)
        reach = length * rng.uniform(0.12, 0.32)
        begin, end = base - inwards * length * 0.5, base + inwards * reach
        for step in np.linspace(0, 1, 40):
            x, y = begin + (end - begin) * step
            r = thick / 2 * (1 - 0.2 * step)
            shade = tuple(int(min(255, v * (0.75 + 0.25 * step))) for v in skin)
            draw.ellipse((x - r, y - r, x + r, y + r), fill=shade)
            masked.ellipse((x - r, y - r, x + r, y + r), fill=255)
    behind.paste(layer, mask=mask.filter(ImageFilter.GaussianBlur(1)))


def lit(picture, rng):
    """Light that falls off to one side, different exposure and white balance, slightly out of focus, with noise."""
    w, h = picture.size
    turn = rng.uniform(0, 2 * np.pi)
    slope = np.cos(turn) * np.linspace(-1, 1, w)[None] + np.sin(turn) * np.linspace(-1, 1, h)[:, None]
    gain = (1 + rng.uniform(0.1, 0.35) * slope)[..., None] * rng.uniform(0.65, 1.15) * rng.uniform(0.88, 1.08, 3)
    picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.5)))
    values = np.asarray(picture, float) * gain + rng.normal(0, rng.uniform(2, 9), (h, w, 1))
    return ImageEnhance.Contrast(Image.fromarray(values.clip(0, 255).astype(np.uint8))).enhance(rng.uniform(0.75, 1.15))


def photograph(scan, others, covers, places, skin, kind, rng):
    frame = (LONGER, LONGER * 3 // 4) if rng.random() < 0.5 else (LONGER * 3 // 4, LONGER)
    shape = scan.size
    if kind == "hand":
        behind = seen(places[rng.integers(len(places))], frame, rng)
        scale, degrees = rng.uniform(0.9, 1.35), rng.normal(0, 22) + 90 * (rng.random() < 0.2) * rng.integers(4)
    else:
        behind = place(others, frame, rng)
        scale, degrees = rng.uniform(0.7, 1.1), rng.uniform(0, 360)
        other = corners(shape, frame, scale, rng.uniform(0, 360), 0.2, rng)
        laid(behind, covers[rng.integers(len(covers))], other)
    quad = corners(shape, frame, scale, degrees, 0.25, rng)
    laid(behind, reflection(scan, rng) if rng.random() < 0.7 else scan, quad)
    if kind == "hand":
        fingers(behind, quad, skin, rng)
    elif rng.random() < 0.6:
        upon = corners(shape, frame, scale * 0.8, rng.uniform(0, 360), 0.2, rng)
        laid(behind, covers[rng.integers(len(covers))], upon + (quad[rng.integers(4)] - upon.mean(0)))
    return lit(behind, rng)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pictures", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--covers", type=int, default=80)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--places", type=int, default=1)
    parser.add_argument("--kind", choices=["hand", "table"], default="hand")
    args = parser.parse_args()
    paths, rest = choose(args.pictures, np.random.default_rng(args.seed), args.covers)
    scans = [cover(load(path), np.random.default_rng([args.seed, number])) for number, path in enumerate(paths)]
    others = [load(rest[i]) for i in np.random.default_rng(args.seed).permutation(len(rest))[:400]]
    places = [place(others, (LONGER, LONGER), np.random.default_rng([args.seed, i, 2])) for i in range(args.places)]
    skin = np.array(SKINS[args.seed % len(SKINS)])
    for number, (path, scan) in enumerate(zip(paths, scans)):
        folder = args.out / f"{number:03}_{path.stem}"
        folder.mkdir(parents=True, exist_ok=True)
        scan.save(folder / "scan.jpg", quality=92)
        rng = np.random.default_rng([args.seed, number, 1])
        covers = scans[:number] + scans[number + 1:]
        for i in range(PHOTOGRAPHS):
            picture = photograph(scan, others, covers, places, skin, args.kind, rng)
            picture.save(folder / f"photo-{i}.jpg", quality=int(rng.integers(70, 93)))


if __name__ == "__main__":
    main()
