#!/usr/bin/env python3
"""Measures the cost of a page of pictures: time and bytes, as the terminal sees them.

Usage:  page_latency.py [--protocol kitty|kitty-here|xterm] [--pages 20] -- COMMAND...

COMMAND opens the program on an indexed folder of some hundred pictures, here or remotely (ssh-local). Pages through key select
in a pseudo-terminal of 120 x 40 cells of 8 x 17 pixels, waiting for rest after each page. kitty-here reads files that the
program writes. Prints medians and the worst: ms from the key until all pictures have arrived in half blocks, and until the last
byte of the sharp ones; the bytes until then, and those of finer ones sent at rest; and, for a key pressed 80 ms after
requesting another page, ms until its result has arrived.
"""
import argparse, os, select, statistics, time

from key_latency import ANSWERS, Screen

PAGE_DOWN = b"\x1b[6~"
# Within a page, gaps between pictures are shorter. After a longer gap the line is idle, and finer ones follow.
BETWEEN, REST = 0.25, 1.2
HALF_BLOCK = "\u2580".encode()


def bursts(screen, rest=REST):
    """Everything that arrives until a pause: (time, bytes) each."""
    found = []
    while select.select([screen.terminal], [], [], rest)[0]:
        some = screen.read()
        found.append((time.monotonic(), some))
    return found


def page(screen):
    began = time.monotonic()
    os.write(screen.terminal, PAGE_DOWN)
    found = bursts(screen, BETWEEN)
    rough = [at for at, some in found if HALF_BLOCK in some]
    since = lambda at: (at - began) * 1e3
    finer = bursts(screen)
    size = lambda parts: sum(len(some) for _, some in parts) / 1e3
    return since(max(rough, default=found[0][0])), since(found[-1][0]), size(found), size(finer)


def key_meanwhile(screen):
    os.write(screen.terminal, PAGE_DOWN)
    screen.read_until(None, 0.08)
    began = time.monotonic()
    os.write(screen.terminal, b"?")
    if screen.read_until(b"previous", 5) is None:
        return float("inf")
    took = (time.monotonic() - began) * 1e3
    bursts(screen)
    os.write(screen.terminal, b"\x1b")
    bursts(screen)
    return took


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--protocol", choices=ANSWERS, default="kitty")
    a.add_argument("--pages", type=int, default=20)
    a.add_argument("command", nargs="+")
    a = a.parse_args()
    screen = Screen(a.command, ANSWERS[a.protocol])
    bursts(screen)
    rough, sharp, size, finer = zip(*[page(screen) for _ in range(a.pages)])
    keys = [key_meanwhile(screen) for _ in range(a.pages // 2)]
    screen.close()
    for name, values in (("half blocks, ms", rough), ("sharp, ms", sharp), ("KB", size), ("finer, KB", finer), ("key, ms", keys)):
        print(f"{name:16} median {statistics.median(values):7.0f}   most {max(values):7.0f}")


if __name__ == "__main__":
    main()
