#!/usr/bin/env python3
"""Measures the seconds of a whole job, from a folder of pictures to the neighbours of each: simages, fastdup, and a script.

    whole_job.py SIMAGES WEIGHTS FOLDER [--runs N] [--knn K] [--only NAME]...

Each finds the K (10) nearest pictures of each one, in a process of its own, on a fresh copy of FOLDER without any cache; in turn,
N (1) times. Names:

  simages   `simages join FOLDER FOLDER --knn K`, descriptor full: VGG-16's, exact
  gap       the same by gap: 512 means
  fastdup   its defaults, with K neighbours: 576 values of a small network
  script    what one writes with Keras' preprocessing: two threads load with Pillow (224 x 224, nearest) while OpenVINO computes
            VGG-16 in batches of 16, in the precision it chooses, and FAISS finds neighbours, exactly

WEIGHTS: weights/vgg16.safetensors. Needs fastdup (measured with 2.54), openvino, faiss-cpu, safetensors, numpy and Pillow. Prints
medians, and each as a multiple of simages'. What isn't installed is left out.
"""
import argparse
import importlib.util
import os
import statistics
import sys
import tempfile
from pathlib import Path

from duplicates_quick import seconds

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"}
EDGE, BATCH, LENGTH = 224, 16, 25088
POOLED_AFTER = {2, 7, 14, 21, 28}
CONVOLUTIONS = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28]
# Of blue, green and red: Keras' VGG-16 was trained on these differences.
MEANS = [103.939, 116.779, 123.68]
NEEDS = {"fastdup": ["fastdup"], "script": ["openvino", "faiss", "safetensors", "PIL"]}


def fastdup(folder, neighbours):
    import fastdup
    with tempfile.TemporaryDirectory() as work:
        fastdup.run(folder, work_dir=work, nearest_neighbors_k=neighbours, verbose=False)


def network(weights):
    """VGG-16's convolutional base, [n, 3, 224, 224] to [n, 7 x 7 x 512]."""
    import numpy as np
    import openvino
    from openvino import opset13 as ops
    from safetensors.numpy import load_file
    values = load_file(weights)
    pictures = ops.parameter([-1, 3, EDGE, EDGE], np.float32)
    layer = pictures
    for at in CONVOLUTIONS:
        layer = ops.convolution(layer, values[f"features.{at}.weight"], [1, 1], [1, 1], [1, 1], [1, 1])
        layer = ops.relu(ops.add(layer, values[f"features.{at}.bias"].reshape(1, -1, 1, 1)))
        if at in POOLED_AFTER:
            layer = ops.max_pool(layer, [2, 2], [1, 1], [0, 0], [0, 0], [2, 2]).output(0)
    layer = ops.reshape(ops.transpose(layer, [0, 2, 3, 1]), [-1, LENGTH], False)
    return openvino.Core().compile_model(openvino.Model([layer], [pictures]), "CPU")


def script(folder, neighbours, weights):
    from concurrent.futures import ThreadPoolExecutor

    import faiss
    import numpy as np
    from PIL import Image

    def load(path):
        try:
            picture = Image.open(path).convert("RGB").resize((EDGE, EDGE), Image.NEAREST)
        except OSError:
            return None
        return (np.asarray(picture, np.float32)[:, :, ::-1] - np.float32(MEANS)).transpose(2, 0, 1)

    compiled = network(weights)
    paths = sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in SUFFIXES)
    rows = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # A few batches ahead, not all of them: they don't fit into memory.
        for begin in range(0, len(paths), 4 * BATCH):
            loaded = [one for one in pool.map(load, paths[begin:begin + 4 * BATCH]) if one is not None]
            for at in range(0, len(loaded), BATCH):
                rows.append(compiled(np.stack(loaded[at:at + BATCH]))[0].copy())
    rows = np.concatenate(rows)
    faiss.normalize_L2(rows)
    index = faiss.IndexFlatIP(LENGTH)
    index.add(rows)
    index.search(rows, neighbours + 1)


def command(name, args):
    """As duplicates_quick.seconds takes it."""
    if name in ("simages", "gap"):
        descriptor = "full" if name == "simages" else name
        return [os.path.abspath(args.simages), "join", "{folder}", "{folder}", "--knn", str(args.knn), "--descriptor", descriptor,
                "--output", "{folder}.csv"]
    return [sys.executable, os.path.abspath(__file__), args.simages, args.weights, "{folder}", "--knn", str(args.knn), "--do", name]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("simages")
    parser.add_argument("weights")
    parser.add_argument("folder")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--knn", type=int, default=10)
    parser.add_argument("--only", action="append", choices=["simages", "gap", "fastdup", "script"])
    parser.add_argument("--do", choices=["fastdup", "script"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.weights = os.path.abspath(args.weights)
    if args.do == "fastdup":
        return fastdup(args.folder, args.knn)
    if args.do == "script":
        return script(args.folder, args.knn, args.weights)
    names = args.only or ["simages", "gap", "fastdup", "script"]
    names = [name for name in names if all(importlib.util.find_spec(module) for module in NEEDS.get(name, []))]
    times = {name: [] for name in names}
    for _ in range(args.runs):
        for name in names:
            times[name].append(seconds(command(name, args), args.folder))
            print(f"{name}: {times[name][-1]:.1f} s", file=sys.stderr, flush=True)
    own = statistics.median(times[names[0]])
    print(f"| | seconds | of {names[0]} |\n|---|---|---|")
    for name, some in times.items():
        print(f"| {name} | {statistics.median(some):.1f} | {statistics.median(some) / own:.2f} |")


if __name__ == "__main__":
    main()
