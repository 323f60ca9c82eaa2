#!/usr/bin/env python3
"""Measures how long the map takes to answer: the first map, moving, zooming, panning.

Usage:  map_latency.py [--protocol kitty|kitty-here|xterm] [--presses 60] -- COMMAND...

COMMAND opens the program on an indexed folder, here or remotely (ssh-local); `examples/made_up.rs` makes one of 10,000
pictures. Opens the map in a pseudo-terminal of 120 x 40 cells of 8 x 17 pixels. Prints medians and the worst, in ms: from the
key to the end of the frame that answers it, and until the last half blocks of newly visible pictures have arrived. Keys are
pressed at rest.
"""
import argparse, os, statistics, time

from key_latency import ANSWERS, FRAME, Screen
from page_latency import HALF_BLOCK, bursts

KEYS = {
    "move": [b"\x1b[C", b"\x1b[B", b"\x1b[D", b"\x1b[A"],
    "zoom": [b"+"] * 6 + [b"-"] * 6,
    "pan": [b"\x1b[1;2C", b"\x1b[1;2B", b"\x1b[1;2D", b"\x1b[1;2A"],
}


def pressed(screen, key):
    """The time until the frame that answers, and until the last half blocks."""
    began = time.monotonic()
    os.write(screen.terminal, key)
    found = bursts(screen, 0.3)
    ended = [at for at, some in found if FRAME in some]
    rough = [at for at, some in found if HALF_BLOCK in some]
    since = lambda at: (at - began) * 1e3
    return since(min(ended, default=began)), since(max(rough, default=min(ended, default=began))), sum(len(s) for _, s in found)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--protocol", choices=ANSWERS, default="kitty")
    a.add_argument("--presses", type=int, default=60)
    a.add_argument("--wait", type=float, default=3, help="seconds to wait for the datasets to load")
    a.add_argument("--arrange", type=float, default=600, help="most seconds to wait for the better map")
    a.add_argument("command", nargs="+")
    a = a.parse_args()
    screen = Screen(a.command, ANSWERS[a.protocol])
    screen.read_until(None, a.wait)
    began = time.monotonic()
    os.write(screen.terminal, b"V")
    # The line above a map says how it was made, or is being made; its blanks aren't sent.
    if screen.read_until(b"neighbours", 60) is None:
        raise SystemExit("no map came")
    print(f"first map: {(time.monotonic() - began) * 1e3:.0f} ms")
    until = time.monotonic() + a.arrange
    while time.monotonic() < until and screen.read_until(None, 2):
        pass
    print(f"at rest after {time.monotonic() - began:.1f} s")
    for what, keys in KEYS.items():
        if what != "zoom":
            for _ in range(4):
                pressed(screen, b"+")
        found = [pressed(screen, keys[at % len(keys)]) for at in range(a.presses)]
        columns = list(zip(*found))
        text = "  ".join(
            f"{name} {statistics.median(c):.0f} (worst {max(c):.0f}) {unit}"
            for name, c, unit in zip(("frame", "half blocks", "sent"), columns, ("ms", "ms", "bytes"))
        )
        print(f"{what}: {text}")
        pressed(screen, b"0")
    os.write(screen.terminal, b"\x03")


main()
