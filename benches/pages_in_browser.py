#!/usr/bin/env python3
"""Opens pages written by --html in headless Chromium, at 1200 and 400 pixels, light and dark, and as printed.

    benches/pages_in_browser.py OUT PAGE...
    benches/pages_in_browser.py OUT --made-by target/release/simages FOLDER OTHER

The second form first makes the pages of all commands, for two folders of pictures and for one with hostile names. Writes
screenshots to OUT, for inspection. Fails (exit 1) if anything is wider than the window, a picture isn't shown, a script runs or
could run, or anything but the page itself is requested. Needs Chromium (CHROMIUM names another program), and only Python's
standard library: it controls the browser through a pipe.
"""

import base64
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

# Whether the window scrolls sideways, which elements are wider, which pictures aren't shown, and what could run.
LOOK = """(() => {
  const root = document.documentElement;
  const wide = [...document.querySelectorAll('body *')].filter(e => {
    const inside = e.closest('.wide');
    return (!inside || inside === e) && e.getBoundingClientRect().right > root.clientWidth + 1;
  });
  const all = [...document.querySelectorAll('*')];
  return {
    overflow: root.scrollWidth - root.clientWidth,
    wide: wide.slice(0, 5).map(e => e.outerHTML.slice(0, 120)),
    pictures: document.images.length,
    broken: [...document.images].filter(i => !i.naturalWidth).length,
    unnamed: [...document.images].filter(i => !i.alt).length,
    scripts: all.filter(e => e.matches('script, iframe, object, embed, form, a, base')
      || [...e.attributes].some(a => /^on/i.test(a.name))).map(e => e.outerHTML.slice(0, 120)),
    ran: window.ran === undefined ? 0 : 1,
    title: document.title,
  };
})()"""


class Browser:
    """Headless Chromium. `events` are those since the last command."""

    def __init__(self, profile):
        program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
        if not program:
            sys.exit("Chromium is missing: apt install chromium, or CHROMIUM=PROGRAM")
        # The browser gets its pipes as 3 and 4, so ours must have other numbers.
        to_browser, self.to, self.back, from_browser = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10)
                                                        for end in [*os.pipe(), *os.pipe()])
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
                 "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]

        def fds():
            os.dup2(to_browser, 3)
            os.dup2(from_browser, 4)

        self.process = subprocess.Popen([program, *flags], preexec_fn=fds, close_fds=False,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.number, self.rest, self.events = 0, b"", []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = None
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def message(self):
        while b"\0" not in self.rest:
            read = os.read(self.back, 1 << 20)
            if not read:
                sys.exit("Chromium ended")
            self.rest += read
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def ask(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if getattr(self, "session", None):
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.message())

    def open(self, page):
        self.events.clear()
        self.ask("Page.navigate", url=page.resolve().as_uri())
        self.wait_for("Page.loadEventFired")

    def asked_for(self):
        sent = [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return [url for url in sent if not url.startswith("data:")]

    def complaints(self):
        return [e["params"]["entry"]["text"] for e in self.events if e.get("method") == "Log.entryAdded"]

    def shot(self, place):
        data = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=False)["data"]
        place.write_bytes(base64.b64decode(data))

    def close(self):
        self.process.terminate()
        self.process.wait()


def look(browser, page, out):
    """Opens a page in every way; returns its defects."""
    wrong = []
    for width, height in [(1200, 1000), (400, 800)]:
        for scheme in ["light", "dark"]:
            browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
            browser.ask("Emulation.setEmulatedMedia", media="screen",
                        features=[{"name": "prefers-color-scheme", "value": scheme}])
            browser.open(page)
            seen = browser.ask("Runtime.evaluate", expression=LOOK, returnByValue=True)["result"]["value"]
            asked = browser.asked_for()
            at = f"{page.name} at {width}, {scheme}"
            if asked != [page.resolve().as_uri()]:
                wrong.append(f"{at}: asked for {asked}")
            wrong += [f"{at}: {text}" for text in browser.complaints()]
            for what in ["overflow", "wide", "broken", "unnamed", "scripts", "ran"]:
                if seen[what]:
                    wrong.append(f"{at}: {what}: {seen[what]}")
            if not seen["title"]:
                wrong.append(f"{at}: no title")
            browser.shot(out / f"{page.stem}-{width}-{scheme}.png")
            if scheme == "light":
                print(f"{at}: {seen['pictures']} pictures, nothing wider than the window" if not seen["overflow"] else at)
    browser.ask("Emulation.setEmulatedMedia", media="print", features=[])
    browser.ask("Emulation.setDeviceMetricsOverride", width=794, height=1123, deviceScaleFactor=1, mobile=False)
    browser.open(page)
    browser.shot(out / f"{page.stem}-print.png")
    return wrong


# File names that must stay plain text.
HOSTILE = [
    "<script>window.ran=1</script>.jpg",
    "<svg onload=window.ran=1>.jpg",
    "\"><img src=x onerror=\"window.ran=1\">.jpg",
    "'onmouseover='window.ran=1'.jpg",
    "&lt;b&gt; &amp;.jpg",
    "line\nbreak\ttab.jpg",
    "a\u202egpj.exe.jpg",
    "שלום עולם.jpg",
    "javascript:window.ran=1.jpg",
    "</style><style>body{display:none}.jpg",
    "]]>--><!--.jpg",
    "long-" + "name" * 50 + ".jpg",
    b"caf\xe9.jpg",
]


def make(program, folder, other, out):
    """Makes the pages of all commands, for copies of the folders."""
    place = pathlib.Path(tempfile.mkdtemp(prefix="simages-pages-"))
    for name, source in [("one", folder), ("two", other)]:
        shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("features.*", ".features*"))
    pictures = sorted(p for p in (place / "one").rglob("*.jpg"))
    hostile = place / "hostile"
    hostile.mkdir()
    for name, picture in zip(HOSTILE, pictures):
        file = os.path.join(os.fsencode(hostile), os.fsencode(name))
        # A slash would end the name.
        os.makedirs(os.path.dirname(file), exist_ok=True)
        shutil.copy(picture, file)
    (hostile / "no <b>picture.jpg").write_text("none")
    card = place / "card"
    card.mkdir()
    for picture in pictures[:8]:
        shutil.copy(picture, card)
    for picture in sorted((place / "two").rglob("*.jpg"))[:5]:
        shutil.copy(picture, card)
    key = str(pictures[0])
    commands = {
        "query": ["query", key, "one", "--knn", "30"],
        "join": ["join", "one", "two", "--knn", "1"],
        "join-range": ["join", "one", "one", "--range", "0.45", "--descriptor", "best"],
        "duplicates": ["duplicates", "one", "card"],
        "clusters": ["clusters", "one", "card"],
        "new": ["new", "card", "one"],
        "eval": ["eval", "one", "--labels", "prefix"],
        "hostile": ["query", str(hostile / "]]>--><!--.jpg"), "hostile", "--knn", "50"],
        "hostile-join": ["join", "hostile", "hostile", "--knn", "2"],
        "limited": ["join", "one", "two", "--knn", "5", "--html-limit", "40"],
    }
    pages = []
    for name, command in commands.items():
        page = out / f"{name}.html"
        done = subprocess.run([program, *command, "--html", str(page.resolve()), "--force"], cwd=place,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        print(f"{name}: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else ''}")
        if done.returncode:
            sys.exit(f"{name} failed:\n{done.stderr}")
        pages.append(page)
    shutil.rmtree(place)
    return pages


def main():
    out, arguments = pathlib.Path(sys.argv[1]), sys.argv[2:]
    out.mkdir(parents=True, exist_ok=True)
    if arguments[:1] == ["--made-by"]:
        pages = make(str(pathlib.Path(arguments[1]).resolve()), arguments[2], arguments[3], out)
    else:
        pages = [pathlib.Path(page) for page in arguments]
    wrong = []
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(profile)
        for domain in ["Page", "Network", "Log", "Runtime"]:
            browser.ask(f"{domain}.enable")
        for page in pages:
            wrong += look(browser, page, out)
        browser.close()
    print("\n".join(wrong) if wrong else f"{len(pages)} pages are as they should be; look at the pictures in {out}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main()
