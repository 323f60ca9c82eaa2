#!/usr/bin/env python3
"""Measures how long the screens take to answer a key, at rest and while indexing runs on all cores.

Usage:  key_latency.py SIMAGES FOLDER [--presses 300] [--protocol kitty|kitty-here|xterm]

Copies the pictures of FOLDER, opens the program there in a pseudo-terminal of 120 x 40, and moves the selection at random
times. Prints percentiles, in ms, of the time from the key to the end of the frame that answers it.
"""
import argparse, base64, contextlib, fcntl, os, pty, random, re, select, shutil, struct, tempfile, termios, time

ANSWERS = {
    "kitty": b"\x1bP>|kitty(0.41.1)\x1b\\\x1b_Gi=31;OK\x1b\\\x1b[?62;c\x1b[6;17;8t\x1b[0n",
    "kitty-here": b"\x1bP>|kitty(0.41.1)\x1b\\\x1b_Gi=31;OK\x1b\\\x1b_Gi=32;OK\x1b\\\x1b[?62;c\x1b[6;17;8t\x1b[0n",
    "xterm": b"\x1bP>|XTerm(379)\x1b\\\x1b[?63;1;2;4;6c\x1b[6;17;8t\x1b[0n",
}
FILE = re.compile(rb"\x1b_G[^;\x1b]*t=t[^;\x1b]*;([^\x1b]*)\x1b")
FRAME, NAME = b"\x1b[?2026l", b"\x1b[>q"


class Screen:
    """The program in a pseudo-terminal."""

    def __init__(self, command, answer):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 960, 680))
            os.environ["TERM"] = "xterm-256color"
            os.environ.pop("TMUX", None)
            os.execvp(command[0], command)
        self.name, self.tail = b"", b""
        self.read_until(b"\x1b[5n", 10)
        os.write(self.terminal, answer)
        self.name = answer[:answer.index(b"\x1b\\") + 2]

    def read(self):
        """Reads what is available; answers requests for the terminal's name."""
        some = os.read(self.terminal, 1 << 16)
        for _ in range((self.tail + some).count(NAME)):
            os.write(self.terminal, self.name)
        self.tail = some[-len(NAME) + 1:]
        for name in FILE.findall(some):
            with contextlib.suppress(OSError):
                path = base64.b64decode(name)
                open(path, "rb").read()
                os.remove(path)
        return some

    def read_until(self, end, timeout):
        """Reads until `end` arrives; None on timeout. With end None, reads everything until the timeout."""
        seen, until = b"", time.monotonic() + timeout
        while (left := until - time.monotonic()) > 0:
            if select.select([self.terminal], [], [], left)[0]:
                seen += self.read()
                if end is not None and end in seen:
                    return seen
        return seen if end is None else None

    def press(self, key):
        began = time.monotonic()
        os.write(self.terminal, key)
        return (time.monotonic() - began) * 1e3 if self.read_until(FRAME, 5) else float("inf")

    def close(self):
        os.write(self.terminal, b"q")
        try:
            while self.read():
                pass
        except OSError:
            pass
        os.waitpid(self.pid, 0)


def measure(screen, presses):
    times, keys = [], random.Random(0)
    for i in range(presses):
        screen.read_until(None, keys.uniform(0.02, 0.15))
        times.append(screen.press(b"hl"[i % 2:i % 2 + 1]))
    times.sort()
    at = lambda share: times[min(len(times) - 1, int(share * len(times)))]
    return f"50 %: {at(0.5):.1f}   90 %: {at(0.9):.1f}   99 %: {at(0.99):.1f}   100 %: {times[-1]:.1f}"


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program"); a.add_argument("folder")
    a.add_argument("--presses", type=int, default=300); a.add_argument("--protocol", choices=ANSWERS, default="kitty")
    a = a.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = os.path.join(place, "pictures")
        shutil.copytree(a.folder, folder, ignore=shutil.ignore_patterns("features*", ".features*"))
        screen = Screen([os.path.abspath(a.program), folder], ANSWERS[a.protocol])
        screen.read_until(None, 2)
        print(f"while indexing  {measure(screen, a.presses)}", flush=True)
        if not os.path.exists(os.path.join(folder, ".features.npz.lock")):
            print("(indexing ended before: take a larger folder or fewer presses)")
        screen.close()
        quiet = os.path.join(place, "few")
        os.makedirs(quiet)
        some = [os.path.join(d, f) for d, _, files in os.walk(folder) for f in files if re.search(r"\.jpe?g$", f, re.I)]
        for picture in sorted(some)[:30]:
            shutil.copy(picture, quiet)
        os.system(f"'{os.path.abspath(a.program)}' index '{quiet}' 2>/dev/null")
        screen = Screen([os.path.abspath(a.program), quiet], ANSWERS[a.protocol])
        screen.read_until(None, 2)
        print(f"at rest         {measure(screen, a.presses)}")
        screen.close()


if __name__ == "__main__":
    main()
