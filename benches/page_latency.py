#!/usr/bin/env python3
"""What a page of pictures costs: time and bytes, as the terminal sees them.

Usage:  page_latency.py [--protocol kitty|kitty-here|xterm] [--pages 20] -- COMMAND...

COMMAND opens the program on an indexed folder of some hundred pictures, here or at the end of a line (ssh-local). In a
pseudo-terminal of 120 x 40 cells of 8 x 17 pixels it is paged through key select, each page after the one before has
come to rest. kitty-here reads files that the program writes. Prints medians and the worst: ms from the key until all pictures are there in half blocks, until the last
byte of the sharp ones, the bytes until then and those of finer ones that follow at rest; and, for a key pressed 80 ms
after another page was asked for, until what it shows has come.
"""
import argparse, os, select, statistics, time

from key_latency import ANSWERS, Screen

PAGE_DOWN = b"\x1b[6~"
# Pictures of a page come with less between them. Then the line is idle, and finer ones follow.
BETWEEN, REST = 0.25, 1.2
HALF_BLOCK = "\u2580".encode()


def bursts(screen, rest=REST):
    """What comes until nothing does for a while: (time, bytes) each."""
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
