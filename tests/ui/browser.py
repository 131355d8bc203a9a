"""Chromium, driven over the WebDriver protocol (W3C) by as little code as the tests need: Debian's chromium
and chromium-driver, the standard library, nothing else."""

import base64
import http.client
import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # how the protocol marks an element
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--disable-dev-shm-usage",
]
SECONDS = 60  # for anything a page does: far above what it takes on a busy machine
SEEN = """
for (const e of document.querySelectorAll(arguments[0])) {
  const text = e.checkVisibility({checkVisibilityCSS: true}) ? e.innerText ?? e.textContent : '';
  if (arguments[1] === null || text.includes(arguments[1])) return [e, text];
}
return null;
"""
# Before any script of a page: counts what it waits for of the server.
NOTE_REQUESTS = """
window.requests = {open: 0, last: 0};
const real = window.fetch;
window.fetch = (...all) => {
  ++requests.open;
  const answer = real(...all);
  const ended = () => { --requests.open; requests.last = performance.now(); };
  answer.then(ended, ended);
  return answer;
};
"""
# A stream that stays open counts until it begins. What follows upon an answer is asked for within the pause.
SETTLED = """
const calm = () => !requests.open && performance.now() - requests.last > 120 &&
    document.querySelector('main .view') && !document.querySelector('main [aria-busy=true]');
if (!calm()) return false;
for (let n = 0; n < 2; ++n) await new Promise((r) => requestAnimationFrame(r));
return calm();
"""
KEYS = {
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "Tab": "\ue004",
    "ArrowDown": "\ue015",
    "ArrowUp": "\ue013",
    "End": "\ue010",
    "Home": "\ue011",
    "PageDown": "\ue00f",
    "F1": "\ue031",
}


def missing():
    """The Debian packages without which there is no browser."""
    programs = {"chromium": "chromium", "chromedriver": "chromium-driver"}
    return [package for program, package in programs.items() if shutil.which(program) is None]


class BrowserError(Exception):
    pass


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Browser:
    """One browser with one page. Used as a context manager, or closed."""

    def __init__(self, width=1440, height=900, dark=False):
        self._profile = tempfile.TemporaryDirectory(prefix="taffrail-browser-", ignore_cleanup_errors=True)
        port = _free_port()
        self._driver = subprocess.Popen(
            ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._port = port
        self._session = ""
        try:
            self._wait_for_driver()
            options = {
                "binary": shutil.which("chromium"),
                "args": [*ARGUMENTS, f"--user-data-dir={self._profile.name}"],
                "prefs": {"download.default_directory": self._profile.name},
            }
            wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
            session = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
            self._session = session["sessionId"]
            self.resize(width, height)
            self.set_dark(dark)
            self.cdp("Page.addScriptToEvaluateOnNewDocument", source=NOTE_REQUESTS)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            if self._session:
                self._command("DELETE", "")
        except (OSError, BrowserError, http.client.HTTPException):
            pass
        self._driver.terminate()
        self._driver.wait(SECONDS)
        self._profile.cleanup()

    def _wait_for_driver(self):
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                self._call("GET", "/status")
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        try:
            text = None if method != "POST" else json.dumps(body or {})
            connection.request(method, path, text, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(answer, dict) and "error" in answer:
            raise BrowserError(f"{answer['error']}: {answer['message'].splitlines()[0]}")
        return answer

    def _command(self, method, path, body=None):
        return self._call(method, f"/session/{self._session}{path}", body)

    # ---- the page ----

    def open(self, url):
        """A fresh page, also when only the part after the # differs."""
        self._command("POST", "/url", {"url": "about:blank"})
        self._command("POST", "/url", {"url": url})

    @property
    def url(self):
        return self._command("GET", "/url")

    def back(self):
        self._command("POST", "/back")

    def reload(self):
        self._command("POST", "/refresh")

    def js(self, script, *arguments):
        """What a function body returns; it may await."""
        whole = (
            "const done = arguments[arguments.length - 1]; const args = [...arguments].slice(0, -1);"
            "(async function() { " + script + " }).apply(null, args)"
            ".then((value) => done([true, value]), (error) => done([false, String(error)]));"
        )
        ok, value = self._command("POST", "/execute/async", {"script": whole, "args": list(arguments)})
        if not ok:
            raise BrowserError(value)
        return value

    def forget(self):
        """Leaves the page, and with it what pages have kept in the browser."""
        self._command("POST", "/url", {"url": "about:blank"})
        self.cdp("Storage.clearDataForOrigin", origin="*", storageTypes="local_storage,cookies")

    def resize(self, width, height):
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def set_dark(self, dark):
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.cdp("Emulation.setEmulatedMedia", features=[scheme])

    def cdp(self, command, **parameters):
        return self._command("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def screenshot(self, path):
        pathlib.Path(path).write_bytes(base64.b64decode(self._command("GET", "/screenshot")))

    def console(self):
        """What the console has said since the last call: (level, text)."""
        entries = self._command("POST", "/se/log", {"type": "browser"})
        return [(entry["level"], entry["message"]) for entry in entries]

    # ---- elements ----

    def seen(self, css, text=None):
        """The first element that fits, with the text to be read in it, and that text; else None."""
        found = self._command("POST", "/execute/sync", {"script": SEEN, "args": [css, text]})
        return found and (found[0][ELEMENT], found[1])

    def find(self, css, text=None):
        """The element of seen(); waits until there is one."""
        return self.until(lambda: self.seen(css, text), f"an element {css} with {text!r}")[0]

    def text(self, css):
        return self.until(lambda: self.seen(css), f"an element {css}")[1]

    def attribute(self, css, name):
        return self._command("GET", f"/element/{self.find(css)}/attribute/{name}")

    def count(self, css):
        return self.js("return document.querySelectorAll(args[0]).length", css)

    def click(self, css, text=None):
        deadline = time.monotonic() + SECONDS
        while True:  # what is drawn anew under the pointer is looked for again
            try:
                return self._command("POST", f"/element/{self.find(css, text)}/click")
            except BrowserError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def type(self, css, text, clear=True):
        element = self.find(css)
        if clear:
            self._command("POST", f"/element/{element}/clear")
        self._command("POST", f"/element/{element}/value", {"text": text})

    def press(self, *keys):
        """Keys for whatever has the focus: "Enter", "g", …"""
        actions = []
        for key in keys:
            value = KEYS.get(key, key)
            actions += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        keyboard = {"type": "key", "id": "keys", "actions": actions}
        self._command("POST", "/actions", {"actions": [keyboard]})

    def drag(self, css, from_x, to_x, y):
        """Presses the pointer in an element, moves it sideways, lets go. Pixels from its upper left."""
        left, top = self.js(
            "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
            " return [box.left, box.top];",
            css,
        )
        at = [
            {"type": "pointerMove", "duration": 50, "x": round(left + x), "y": round(top + y)}
            for x in (from_x, (from_x + to_x) / 2, to_x)
        ]
        actions = [at[0], {"type": "pointerDown", "button": 0}, *at[1:], {"type": "pointerUp", "button": 0}]
        pointer = {
            "type": "pointer",
            "id": "mouse",
            "parameters": {"pointerType": "mouse"},
            "actions": actions,
        }
        self._command("POST", "/actions", {"actions": [pointer]})

    def until(self, condition, what, seconds=SECONDS):
        """Waits until the condition gives something, and gives that."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                value = condition()
            except BrowserError:
                value = None
            if value:
                return value
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not within {seconds} s; the page is at {self.url}")
            time.sleep(0.02)

    def until_text(self, css, text):
        return self.until(lambda: self.seen(css, text), f"{text!r} in {css}")[1]

    def settle(self):
        """Waits until the page has what it asked for, and has drawn it."""
        self.until(lambda: self.js(SETTLED), "a page that is done")
