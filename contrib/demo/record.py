#!/usr/bin/env python3
"""Records docs/demo.png: the first minute with SIMages in a real kitty, as an animated PNG.

    contrib/demo/record.py target/release/simages docs/demo.png

Needs Xvfb, xdotool, kitty from 0.28 on, and Python with Pillow. --kitty says how to start kitty, if not by that name. The pictures are
those that ship, and copies of some of them, made here: smaller, grey, mirrored, compressed once more.
"""
import argparse
import os
import pathlib
import select
import shlex
import shutil
import struct
import subprocess
import tempfile
import time
import zlib

from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageGrab, ImageOps

ROOT = pathlib.Path(__file__).resolve().parents[2]
COLUMNS, ROWS, FONT = 118, 36, "DejaVu Sans Mono"
BACKGROUND, FOREGROUND = "#101014", "#e4e4e4"
# Keys, how long each of their screens is shown in ms, what is said of them.
STEPS = [
    ([], 1800, "$ simages Pictures Backup"),
    (["Right", "Right", "Down"], 350, "arrows: move"),
    (["slash", "c", "o", "w", "Return", "Home"], 300, "/  filter by name: cow"),
    (["Return"], 3200, "⏎  the most similar pictures, best first"),
    (["Right", "Right", "Right"], 350, "go on from any of them"),
    (["Return"], 2800, "⏎  a result becomes the next key"),
    (["b"], 1200, "b  back, as it was"),
    (["b", "Escape"], 500, "b  back"),
    (["D"], 3200, "D  near-duplicates in all folders: one of each group is kept, and why"),
    (["M"], 2000, "M  mark by rule …"),
    (["Return"], 3400, "⏎  … only where the files show that a picture is the worse copy"),
    (["Down"], 700, "choose one to compare"),
    (["Return"], 2800, "⏎  side by side: the better values are bold"),
    (["b", "b"], 700, "b  back"),
    (["V"], 3400, "V  the map: similar pictures lie near each other"),
]
# Copies of pictures of at least 256 pixels: how they are made, and the quality of the JPEG.
COPIES = {
    "mammals_teddy_bear": ("smaller", 75),
    "fruit_orange_seville": ("mirrored", 70),
    "flowers_anemone_red": ("as it is", 50),
    "fruit_cherimoya": ("smaller", 75),
    "birds_helmeted_guineafowl": ("grey", 75),
    "fruit_apple": ("cropped", 80),
    "mammals_gnu-baby": ("mirrored", 70),
    "birds_tux": ("cropped", 80),
}


def pictures(folder):
    """The folders that are shown."""
    (folder / "Pictures").mkdir()
    (folder / "Backup").mkdir()
    for path in sorted(ROOT.glob("datasets/*/*.jpg")):
        shutil.copy(path, folder / "Pictures")
        os.utime(folder / "Pictures" / path.name, (1.7e9, 1.7e9))
    for name, (change, quality) in COPIES.items():
        picture = Image.open(folder / "Pictures" / f"{name}.jpg").convert("RGB")
        width, height = picture.size
        if change == "smaller":
            picture = picture.resize((width * 2 // 3, height * 2 // 3), Image.LANCZOS)
        elif change == "cropped":
            picture = picture.crop((width // 20, height // 20, width * 19 // 20, height * 19 // 20))
        elif change == "grey":
            picture = ImageOps.grayscale(picture)
        elif change == "mirrored":
            picture = ImageOps.mirror(picture)
        picture.save(folder / "Backup" / f"{name}.jpg", quality=quality)


class Terminal:
    """kitty in an X server of its own, with a command in it."""

    def __init__(self, kitty, own, folder, command):
        self.log = open(own / "log", "wb")
        server = ["Xvfb", "-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp", "-noreset"]
        self.server = subprocess.Popen(server, stdout=subprocess.PIPE, stderr=self.log)
        if not select.select([self.server.stdout], [], [], 30)[0]:
            raise SystemExit("Xvfb did not start")
        self.display = ":" + self.server.stdout.readline().decode().strip()
        environment = {name: os.environ[name] for name in ("HOME", "PATH", "USER", "SHELL") if name in os.environ}
        # Nothing that was kept of other runs is shown.
        homes = {f"XDG_{which}_HOME": str(own / which.lower()) for which in ("CACHE", "CONFIG", "STATE", "DATA")}
        self.environment = {**environment, **homes, "DISPLAY": self.display, "LANG": "C.UTF-8", "LIBGL_ALWAYS_SOFTWARE": "1"}
        settings = [
            f"font_family={FONT}", "font_size=10", "remember_window_size=no", "update_check_interval=0", "cursor_blink_interval=0",
            f"initial_window_width={COLUMNS}c", f"initial_window_height={ROWS}c", "shell_integration=disabled",
            f"background={BACKGROUND}", f"foreground={FOREGROUND}",
        ]
        options = [word for setting in settings for word in ("-o", setting)]
        argv = [*shlex.split(kitty), "--config", "NONE", *options, "sh", "-c", f"cd {shlex.quote(str(folder))} && exec {command}"]
        self.kitty = subprocess.Popen(argv, env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.window = self.wait_for_window()

    def xdotool(self, *words):
        return subprocess.run(["xdotool", *words], env=self.environment, capture_output=True, text=True).stdout

    def wait_for_window(self):
        for _ in range(300):
            if found := self.xdotool("search", "--onlyvisible", "--class", "kitty").split():
                self.xdotool("windowfocus", found[-1], "mousemove", "1590", "1190")
                return found[-1]
            time.sleep(0.1)
        raise SystemExit("kitty did not start")

    def screen(self, before):
        """When it differs from the one before and nothing has changed for a while; the first one takes longest."""
        still = 3 if before else 12
        lines = dict(line.split("=") for line in self.xdotool("getwindowgeometry", "--shell", self.window).split())
        x, y, width, height = (int(lines[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))
        last, since, begun = None, time.monotonic(), time.monotonic()
        while time.monotonic() - begun < 120:
            now = ImageGrab.grab((x, y, x + width, y + height), xdisplay=self.display).convert("RGB")
            # Of few colours: nothing is drawn yet.
            unanswered = now.getcolors(16) or (before and not ImageChops.difference(now, before).getbbox())
            if last is None or unanswered or ImageChops.difference(now, last).getbbox():
                last, since = now, time.monotonic()
            elif time.monotonic() - since > still:
                break
            time.sleep(0.05)
        return last

    def close(self):
        for process in (self.kitty, self.server):
            process.terminate()
            process.wait()


def told(screen, text):
    """The screen, and below it what is done."""
    line = 34
    frame = Image.new("RGB", (screen.width, screen.height + line), "#2b2b36")
    frame.paste(screen)
    font = ImageFont.truetype("DejaVuSans.ttf", 16)
    ImageDraw.Draw(frame).text((14, screen.height + line // 2), text, font=font, fill="#ffffff", anchor="lm")
    return frame


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def write(frames, file):
    """An animated PNG of 256 colours; of each frame only what changes."""
    width, height = frames[0][0].size
    sample = Image.new("RGB", (width // 2, height // 2 * len(frames)))
    for at, (frame, _) in enumerate(frames):
        sample.paste(frame.resize((width // 2, height // 2), Image.NEAREST), (0, height // 2 * at))
    palette = sample.quantize(256, method=Image.MEDIANCUT, dither=Image.Dither.NONE)
    # Pillow's palettes may be shorter than 256.
    colours = bytes(palette.getpalette()).ljust(768, b"\0")
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    out = [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", head), chunk(b"PLTE", colours), chunk(b"acTL", struct.pack(">II", len(frames), 0))]
    number, before = 0, None
    for frame, shown in frames:
        indexed = frame.quantize(palette=palette, dither=Image.Dither.NONE)
        box = (0, 0, width, height)
        if before is not None:
            box = ImageChops.difference(frame, before).getbbox() or (0, 0, 1, 1)
        left, top, right, bottom = box
        area = struct.pack(">IIII", right - left, bottom - top, left, top)
        out.append(chunk(b"fcTL", struct.pack(">I", number) + area + struct.pack(">HHBB", shown, 1000, 0, 0)))
        part = indexed.crop(box).tobytes()
        rows = [b"\0" + part[at : at + right - left] for at in range(0, len(part), right - left)]
        packed = zlib.compress(b"".join(rows), 9)
        out.append(chunk(b"IDAT", packed) if number == 0 else chunk(b"fdAT", struct.pack(">I", number + 1) + packed))
        number += 1 if number == 0 else 2
        before = frame
    pathlib.Path(file).write_bytes(b"".join([*out, chunk(b"IEND", b"")]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("simages")
    parser.add_argument("out")
    parser.add_argument("--kitty", default="kitty")
    parser.add_argument("--folder", help="where the pictures are made, and stay; if they are there, they are shown as they are")
    parser.add_argument("--frames", help="keep each frame as a PNG in this folder, to be looked at")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="simages-demo-") as name:
        folder = pathlib.Path(arguments.folder or name).resolve()
        if not (folder / "Pictures").exists():
            pictures(folder)
        simages = shlex.quote(str(pathlib.Path(arguments.simages).resolve()))
        subprocess.run(f"{simages} index Pictures Backup", shell=True, cwd=folder, check=True)
        terminal = Terminal(arguments.kitty, pathlib.Path(name), folder, f"{simages} Pictures Backup")
        frames = []
        screen = None
        try:
            for keys, shown, text in STEPS:
                for key in keys or [None]:
                    if key:
                        terminal.xdotool("key", key)
                    screen = terminal.screen(screen)
                    frames.append((told(screen, text), shown))
        finally:
            terminal.close()
        for at, (frame, _) in enumerate(frames if arguments.frames else []):
            frame.save(pathlib.Path(arguments.frames) / f"{at:02}.png")
        write(frames, arguments.out)
    print(f"{arguments.out}: {len(frames)} frames, {pathlib.Path(arguments.out).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
