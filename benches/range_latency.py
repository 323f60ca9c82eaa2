#!/usr/bin/env python3
"""Measures how long groups of near-duplicates take to follow the range.

Usage:  range_latency.py SIMAGES FOLDER [--presses 60]

FOLDER must be indexed. Opens it in a pseudo-terminal of 120 x 40, looks for near-duplicates, and moves the range down and up
again. Prints the time until the groups are shown, and percentiles, in ms, of the time from a key to the end of the frame that
answers it.
"""
import argparse, os, time

from key_latency import ANSWERS, Screen


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program"); a.add_argument("folder")
    a.add_argument("--presses", type=int, default=60)
    a = a.parse_args()
    screen = Screen([os.path.abspath(a.program), a.folder], ANSWERS["kitty"])
    screen.read_until(None, 3)
    began = time.monotonic()
    os.write(screen.terminal, b"D")
    if not screen.read_until(b"groups", 600):
        raise SystemExit("no groups were shown")
    print(f"groups shown after {time.monotonic() - began:.1f} s")
    screen.read_until(None, 2)
    screen.press(b"e")
    screen.read_until(None, 1)
    times = []
    for press in range(a.presses):
        screen.read_until(None, 0.1)
        times.append(screen.press(b"h" if press < a.presses / 2 else b"l"))
    times.sort()
    at = lambda share: times[min(len(times) - 1, int(share * len(times)))]
    print(f"a step of the range, ms   50 %: {at(0.5):.1f}   90 %: {at(0.9):.1f}   100 %: {times[-1]:.1f}")
    os.write(screen.terminal, b"\x1b")
    screen.read_until(None, 1)
    screen.close()


if __name__ == "__main__":
    main()
