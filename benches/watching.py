#!/usr/bin/env python3
"""Changes a dataset while the screens are open: how soon a change is seen, and what is computed for it.

    watching.py SIMAGES PICTURES

PICTURES is a folder of at least 60 pictures; works on a copy. Runs the screens in a pseudo-terminal. Then ten pictures are
added, ten changed, ten moved, ten deleted, one is written slowly, an unreadable one appears, a folder is renamed, and the whole
folder disappears and comes back. Prints for each the seconds until the program's log reports it as indexed, how many descriptors
were computed, and whether features.npz was replaced. TMPDIR sets the place of the copy. With
`sysctl fs.inotify.max_user_watches=1`, changes aren't reported by the system.
"""
import argparse
import fcntl
import os
import pty
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from pathlib import Path

LINE = re.compile(r"indexed.*?indexed=(\d+).*?computed=(\d+)")


class Screens:
    """The program in a pseudo-terminal of 100 x 30."""

    def __init__(self, binary, folder, work):
        self.log = work / "log"
        env = {**os.environ, "XDG_CACHE_HOME": str(work / "cache"), "XDG_DATA_HOME": str(work / "data"), "TERM": "xterm-256color"}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(binary, [binary, "--protocol", "halfblocks", "--log", str(self.log), str(folder)], env)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.text = b""
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while True:
            try:
                data = os.read(self.fd, 1 << 16)
            except OSError:
                return
            self.text = (self.text + data)[-1 << 20:]

    def press(self, keys):
        os.write(self.fd, keys.encode())

    def ends(self):
        """(indexed, computed) for each time that indexing ended."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return [(int(a), int(b)) for a, b in LINE.findall(text)]

    def wait(self, count, indexed, seconds=60):
        """Waits until this many are indexed, since the `count`th end; returns how many were computed."""
        began = time.time()
        while time.time() - began < seconds:
            ends = self.ends()[count:]
            if ends and (indexed is None or ends[-1][0] == indexed):
                return sum(computed for _, computed in ends)
            time.sleep(0.02)
        sys.exit(f"not seen in {seconds} s: {self.ends()[count:]}, expected {indexed}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("pictures", type=Path)
    args = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="simages-watching-"))
    folder = work / "photos"
    names = sorted(p for p in args.pictures.rglob("*") if p.suffix.lower() in (".jpg", ".png"))
    random.Random(1).shuffle(names)
    if len(names) < 60:
        sys.exit("too few pictures")
    (folder / "sub").mkdir(parents=True)
    for at, path in enumerate(names[:40]):
        shutil.copy(path, folder / ("sub" if at % 4 == 0 else "") / f"{at:03}{path.suffix}")
    spare = names[40:]
    npz = folder / "features.npz"
    screens = Screens(args.binary, folder, work)
    screens.wait(0, 40, 120)
    time.sleep(1)
    print("| what | seen after | computed | features.npz |\n|---|---|---|---|")

    def step(what, change, indexed):
        before, count = (npz.stat().st_mtime_ns if npz.exists() else 0), len(screens.ends())
        began = time.time()
        change()
        computed = screens.wait(count, indexed)
        took = time.time() - began
        after = npz.stat().st_mtime_ns if npz.exists() else 0
        print(f"| {what} | {took:.1f} s | {computed} | {'as it was' if before in (0, after) else 'replaced'} |", flush=True)
        time.sleep(1.2)

    there = lambda: sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".jpg", ".png") and p.parent == folder)

    def add(number=10):
        for _ in range(number):
            path = spare.pop()
            shutil.copy(path, folder / f"new-{path.name}")

    def change():
        for old in there()[:10]:
            old.write_bytes(spare.pop().read_bytes())

    def move():
        for at, path in enumerate(there()[10:20]):
            path.rename(folder / f"moved-{at}{path.suffix}")

    def delete():
        for path in there()[-10:]:
            path.unlink()

    def slowly():
        data = spare.pop().read_bytes()
        with open(folder / "slow.jpg", "wb") as file:
            for at in range(0, len(data), len(data) // 8 + 1):
                file.write(data[at:at + len(data) // 8 + 1])
                file.flush()
                time.sleep(0.2)

    step("10 added", add, 50)
    step("10 changed", change, 50)
    step("10 moved", move, 50)
    step("10 deleted", delete, 40)
    step("1 written slowly, in 1.6 s", slowly, 41)
    step("1 that can't be read", lambda: (folder / "broken.jpg").write_text("no picture"), 41)
    step("a folder renamed", lambda: (folder / "sub").rename(folder / "other"), 41)
    away = work / "away"
    folder.rename(away)
    began = time.time()
    while b"no such" not in screens.text.lower() and b"not found" not in screens.text.lower() and time.time() - began < 20:
        time.sleep(0.02)
    print(f"| the whole folder gone | {time.time() - began:.1f} s | 0 | |")
    time.sleep(1)
    step("and back", lambda: away.rename(folder), 41)
    print("after 35 s at rest:", end=" ", flush=True)
    before = npz.stat().st_mtime_ns
    time.sleep(35)
    print("features.npz", "replaced" if npz.stat().st_mtime_ns != before else "AS IT WAS")
    screens.press("q")
    _, status = os.waitpid(screens.pid, 0)
    print("quit:", status)
    subprocess.run([args.binary, "index", str(folder)], env={**os.environ, "XDG_CACHE_HOME": str(work / "cache")}, check=False)
    shutil.rmtree(work)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    main()
