#!/usr/bin/env python3
"""Makes the labelled sets of docs/quality.md that don't come with the project, from other sets.

    quality_sets.py COREL1K SCENES STARTER CALTECH101 RSSCN7 OUT

All are folders of pictures with a folder for each class (STARTER: any). CALTECH101: 101_ObjectCategories, with its folder
BACKGROUND_Google; RSSCN7: the seven folders of the repository palewithout/RSSCN7. Makes in OUT: caltech, caltech2, rsscn, rsscn2
(other pictures of the same classes), flat, flat2, flat_scenes, flat_caltech, flat_caltech2, flat_rsscn2 (flat_objects.py),
held, held2, table, held_after, table_after (held_covers.py). Needs Pillow and numpy. The same pictures give the same sets.
`simages eval OUT/SET` then measures each.
"""
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

SEED = 1


def samples(root, names, out, sets):
    """Takes the same number of pictures of each class for each set, none in two of them."""
    rng = np.random.default_rng(SEED)
    for name in names:
        paths = sorted((root / name).glob("*.jpg"))
        order, begin = rng.permutation(len(paths)), 0
        for set_name, count in sets:
            folder = out / set_name / name
            for i in order[begin:begin + count]:
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copy(paths[i], folder)
            begin += count


def folders(root, *left_out):
    return sorted(path.name for path in root.iterdir() if path.is_dir() and path.name not in left_out)


def script(name, *arguments):
    subprocess.run([sys.executable, Path(__file__).with_name(name), *map(str, arguments)], check=True)


def main():
    corel, scenes, starter, caltech, rsscn, out = map(Path, sys.argv[1:])
    samples(caltech, folders(caltech, "BACKGROUND_Google", "Faces_easy"), out, [("caltech", 18), ("caltech2", 15)])
    samples(rsscn, folders(rsscn), out, [("rsscn", 60), ("rsscn2", 60)])
    mixed = out / "sources" / "mixed"
    for root in (corel, starter):
        for name in folders(root):
            shutil.copytree(root / name, mixed / name, dirs_exist_ok=True)
    for source, name, objects, seed in [
        (mixed, "flat", 60, 1), (mixed, "flat2", 60, 2), (scenes, "flat_scenes", 60, 1),
        (out / "caltech", "flat_caltech", 100, 1), (out / "caltech2", "flat_caltech2", 80, 1),
        (out / "rsscn2", "flat_rsscn2", 80, 1),
    ]:
        script("flat_objects.py", source, out / name, objects, seed)
    background = out / "sources" / "background"
    shutil.copytree(caltech / "BACKGROUND_Google", background / "all", dirs_exist_ok=True)
    for source, name, covers, seed, more in [
        (mixed, "held", 80, 1, []), (out / "caltech", "held2", 60, 2, ["--places", 2]),
        (out / "caltech", "table", 80, 1, ["--kind", "table"]),
        (background, "held_after", 100, 7, []), (background, "table_after", 60, 8, ["--kind", "table"]),
    ]:
        script("held_covers.py", source, out / name, "--covers", covers, "--seed", seed, *more)


if __name__ == "__main__":
    main()
