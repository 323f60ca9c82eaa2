#!/usr/bin/env python3
"""Compares each format's decoder with a reference decoder.

    formats.py PICTURES OUT [--simages BINARY] [--decode BINARY] [--only FORMAT]...

Encodes some pictures of PICTURES (256 to 2,000 pixels) with many encoders and settings, decodes the files to PNG with the
reference decoder (JPEG XL without dither), indexes both with SIMages, and prints a table: number of files, the lowest cosine
between a file's descriptor and that of the reference's pixels, the largest mean difference of pixels, and our decoding time
relative to the reference's, on one core. Exits with 1 if a cosine is below 0.9999, and names those files. BINARY defaults to
target/release/simages and target/release/examples/decode.
Needs cjxl, avifenc, heif-enc and opj_compress (Debian: libjxl-tools libavif-bin libheif-examples libopenjp2-tools), and from
PyPI pillow, pillow-heif, imagecodecs and numpy.
"""
import argparse
import io
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import imagecodecs
import numpy as np
import libjxl
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()
pillow_heif.options.DECODE_THREADS = 1
LOWEST = 0.9999
EDGES = [256, 384, 500, 641, 800, 1023, 1280, 1600, 2000]


def run(*arguments):
    subprocess.run([str(a) for a in arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def sources(folder, count):
    """PNGs of different sizes, with odd and even edges, and their sources."""
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    for n, path in enumerate(paths[:: max(1, len(paths) // count)][:count]):
        picture = Image.open(path).convert("RGB")
        edge = EDGES[n % len(EDGES)]
        scale = edge / max(picture.size)
        yield n, path, picture.resize([max(64, round(side * scale)) for side in picture.size], Image.Resampling.LANCZOS)


def heic(n, png, picture, to):
    q = [40, 55, 70, 85, 95][n % 5]
    for chroma in (420, 422, 444):
        picture.save(to / f"{n}_pillow_{chroma}_q{q}.heic", quality=q, chroma=chroma)
    picture.convert("L").save(to / f"{n}_pillow_grey.heic", quality=q)
    wide = np.asarray(picture).astype(np.uint16) * 257
    pillow_heif.encode("RGB;16", picture.size, wide.tobytes(), to / f"{n}_pillow_10.heic", quality=q)
    run("heif-enc", "-q", q, "-o", to / f"{n}_heifenc_q{q}.heic", png)


def avif(n, png, picture, to):
    q = [30, 50, 65, 80, 95][n % 5]
    for chroma in ("4:2:0", "4:2:2", "4:4:4", "4:0:0"):
        picture.save(to / f"{n}_pillow_{chroma.replace(':', '')}_q{q}.avif", quality=q, subsampling=chroma, speed=8)
    picture.save(to / f"{n}_pillow_limited.avif", quality=q, range="limited", speed=8)
    for chroma, depth, level in ((420, 8, 20), (420, 10, 30), (444, 10, 20), (422, 12, 25), (420, 12, 20)):
        name = to / f"{n}_avifenc_{chroma}_{depth}.avif"
        run("avifenc", "-s", 8, "-y", chroma, "-d", depth, "--min", level, "--max", level, png, name)
    run("avifenc", "-s", 8, "-l", png, to / f"{n}_avifenc_lossless.avif")
    if n % 3 == 0 and all(side >= 500 for side in picture.size):
        even = png.with_name(f"even{n}.png")
        picture.resize((512, 512)).save(even)
        run("avifenc", "-s", 8, "--grid", "2x2", even, to / f"{n}_avifenc_grid.avif")


def jxl(n, png, picture, to):
    jpeg = png.with_suffix(".jpg")
    picture.save(jpeg, quality=85, subsampling=["4:4:4", "4:2:2", "4:2:0"][n % 3], progressive=n % 2 == 0)
    run("cjxl", jpeg, to / f"{n}_cjxl_of_jpeg.jxl")
    for distance in (0, 0.5, 1, 2, 4):
        run("cjxl", "-d", distance, "-e", [3, 5, 7][n % 3], png, to / f"{n}_cjxl_d{distance}.jxl")
    run("cjxl", "-d", 1, "-m", 1, "-e", 3, png, to / f"{n}_cjxl_modular.jxl")
    grey = png.with_name(f"grey{n}.png")
    picture.convert("L").save(grey)
    run("cjxl", "-d", n % 2, "-e", 3, grey, to / f"{n}_cjxl_grey.jxl")
    (to / f"{n}_imagecodecs.jxl").write_bytes(imagecodecs.jpegxl_encode(np.asarray(picture), distance=1.5, effort=3))


def jpeg2000(n, png, picture, to):
    rates = [[10], [20], [40, 20, 10], [80]][n % 4]
    picture.save(to / f"{n}_pillow_reversible.jp2")
    picture.save(to / f"{n}_pillow_lossy.jp2", irreversible=True, quality_mode="rates", quality_layers=rates)
    picture.save(to / f"{n}_pillow.j2k", no_jp2=True, tile_size=(256, 256), quality_layers=rates)
    picture.convert("L").save(to / f"{n}_pillow_grey.jp2")
    run("opj_compress", "-i", png, "-o", to / f"{n}_opj.jp2", "-r", ",".join(map(str, rates)))
    order = ["LRCP", "RLCP", "RPCL", "PCRL", "CPRL"][n % 5]
    run("opj_compress", "-i", png, "-o", to / f"{n}_opj_{order}.j2k", "-I", "-r", 15, "-p", order, "-t", "300,200", "-n", 4)


def by_pillow(data):
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def by_libjxl(data):
    return Image.fromarray(libjxl.decode(data))


FORMATS = {
    "HEIC": (heic, by_pillow, "libheif"),
    "AVIF": (avif, by_pillow, "libavif"),
    "JPEG XL": (jxl, by_libjxl, "libjxl"),
    "JPEG 2000": (jpeg2000, by_pillow, "OpenJPEG"),
}


def features(folder, binary):
    """Groups by the part of the name before the first dot."""
    run(binary, "index", folder)
    with np.load(folder / "features.npz") as stored:
        rows = zip(stored["filenames"], stored["features"])
        return {Path(str(name)).name.removesuffix(".png"): row / np.linalg.norm(row) for name, row in rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--simages", default="target/release/simages")
    parser.add_argument("--decode", default="target/release/examples/decode")
    parser.add_argument("--only", action="append", choices=FORMATS)
    parser.add_argument("--count", type=int, default=9)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    below = []
    print("format      decoder    files  lowest cosine  mean difference  time / reference's")
    for name in arguments.only or FORMATS:
        make, reference, decoder = FORMATS[name]
        out = arguments.out / name.replace(" ", "")
        shutil.rmtree(out, ignore_errors=True)
        made, expected, ours, pngs = (out / part for part in ("made", "reference", "ours", "pngs"))
        for folder in (made, expected, ours, pngs):
            folder.mkdir(parents=True)
        for n, path, picture in sources(arguments.pictures, arguments.count):
            png = pngs / f"{n}.png"
            picture.save(png)
            make(n, png, picture, made)
        files = sorted(made.iterdir())
        theirs = 0.0
        for file in files:
            data = file.read_bytes()
            begun = time.process_time()
            decoded = reference(data)
            theirs += time.process_time() - begun
            decoded.convert("RGB").save(expected / f"{file.name}.png", compress_level=1)
        told = subprocess.run([arguments.decode, ours, *files], check=True, capture_output=True, text=True).stdout
        times = [line.split("\t") for line in told.splitlines()]
        refused = [line for line in times if " x " not in line[2]]
        mine = sum(float(line[1]) for line in times) / 1000
        differences = {}
        for file in files:
            pair = [folder / f"{file.name}.png" for folder in (ours, expected)]
            if pair[0].exists():
                a, b = (np.asarray(Image.open(png).convert("RGB")).astype(int) for png in pair)
                differences[file.name] = abs(a - b).mean() if a.shape == b.shape else 255.0
        of_files, of_references = (features(folder, arguments.simages) for folder in (made, expected))
        cosines = {file: float(row @ of_references[file]) for file, row in of_files.items()}
        print(f"{name:11} {decoder:9} {len(cosines):6} {min(cosines.values()):14.6f} {max(differences.values()):16.2f} "
              f"{mine / theirs:19.2f}", flush=True)
        below += [f"{value:.6f} mean {differences.get(file, -1):.3f} {file}" for file, value in cosines.items() if value < LOWEST]
        below += [f"refused: {line[0]}: {line[2]}" for line in refused]
    print("\n".join(below))
    sys.exit(bool(below))


if __name__ == "__main__":
    main()
