"""What the tests of the UI share: a server with the example's real traffic in it, a browser at it, and what
must hold for every page: nothing wrong in the console."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
import browser  # noqa: E402
import harness  # noqa: E402  (found through the line above)

EXAMPLES = pathlib.Path(harness.BIN).resolve().parent / "examples"
SHOTS = os.environ.get("TAFFRAIL_UI_SHOTS")  # a directory for pictures of what the tests see
main = harness.main


def stamp(seconds_ago=0.0):
    moment = time.time() - seconds_ago
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment % 1 * 1000):03d}Z"


class Example:
    """The task service, its OAuth provider and people who use it, logging into a server until they have
    made so many requests. Then all have ended, and all is logged: what the tests count stands still."""

    REQUESTS = 600

    def __init__(self, url, directory):
        self._directory = pathlib.Path(directory)
        self._processes = []
        logged = ("--taffrail-url", url, "--port", 0)
        database = self._directory / "tasks.db"
        try:
            self._start("oauth_provider", "--port-file", self._directory / "oauth.port", *logged)
            oauth = f"http://127.0.0.1:{self._read('oauth.port')}"
            self._start("task_service", "--port-file", self._directory / "service.port", *logged,
                        "--oauth-url", oauth, "--allow-faults", "--database", database)  # fmt: skip
            service = f"http://127.0.0.1:{self._read('service.port')}"
            people = self._start("traffic", "--url", service, "--rps", 400, "--seed", 7,
                                 "--requests", self.REQUESTS, "--concurrency", 8,
                                 "--sample-file", self._directory / "request.id")  # fmt: skip
            people.wait(harness.SECONDS)
        finally:
            self._stop()
        # A request that went through service, worker and provider.
        self.request_id = self._read("request.id")

    def _start(self, name, *arguments):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        command = [EXAMPLES / name, *map(str, arguments)]
        self._processes.append(subprocess.Popen(command, env=harness.environment(), **quiet))
        return self._processes[-1]

    def _read(self, name):
        path = self._directory / name
        deadline = time.monotonic() + harness.SECONDS
        while not (path.exists() and path.read_text().strip()):
            assert time.monotonic() < deadline, f"{name} did not come"
            time.sleep(0.02)
        return path.read_text().strip()

    def _stop(self):
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            process.wait(harness.SECONDS)


class Shared:
    """What the classes of a file have together, since it is slow to come: a browser, and a server in which
    the example's traffic is."""

    page = None
    server = None
    example = None

    @classmethod
    def browser(cls):
        if cls.page is None:
            cls.page = browser.Browser()
            unittest.addModuleCleanup(cls.page.close)
        return cls.page

    @classmethod
    def with_traffic(cls):
        if cls.server is None:
            holder = tempfile.TemporaryDirectory(prefix="taffrail-ui-")
            unittest.addModuleCleanup(holder.cleanup)
            cls.server = harness.Server(pathlib.Path(holder.name) / "data")
            unittest.addModuleCleanup(cls.server.stop)
            cls.example = Example(cls.server.url, holder.name)
        return cls.server, cls.example


class SiteTest(unittest.TestCase):
    """`TRAFFIC`: the file's server, in which the example's traffic is, and no test counts what another may
    have added; else the class has one of its own, empty."""

    TRAFFIC = False
    CONFIG = ""  # of the class's own server
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        if absent := browser.missing():
            raise unittest.SkipTest(f"not installed: {', '.join(absent)}")
        if cls.TRAFFIC and not (EXAMPLES / "traffic").exists():
            raise unittest.SkipTest("the example is not built")
        holder = tempfile.TemporaryDirectory(prefix="taffrail-ui-")
        cls.addClassCleanup(holder.cleanup)
        cls.dir = pathlib.Path(holder.name)
        if cls.TRAFFIC:
            cls.server, example = Shared.with_traffic()
            cls.request_id = example.request_id
        else:
            config = cls.dir / "taffrail.yaml"
            config.write_text(cls.CONFIG)
            cls.server = harness.Server(cls.dir / "data", *(["--config", config] if cls.CONFIG else []))
            cls.addClassCleanup(lambda: cls.server.stop())
        cls.page = Shared.browser()

    def setUp(self):
        self.page.forget()
        self.page.resize(1440, 900)
        self.page.set_dark(False)
        self.page.console()  # what an earlier test left
        self.console_may_say = []  # parts of messages that a test brings about

    def tearDown(self):
        said = [
            text
            for level, text in self.page.console()
            if level in ("SEVERE", "WARNING") and not any(part in text for part in self.console_may_say)
        ]
        self.assertEqual(said, [], "the console must stay empty")

    def open(self, view="search", **parameters):
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        self.page.open(f"{self.server.url}/#/{view}{query}")

    def ingest(self, *records, **parameters):
        """Lines of objects or texts."""
        lines = "".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in records)
        request = urllib.request.Request(
            f"{self.server.url}/api/v1/ingest?{urllib.parse.urlencode(parameters)}", lines.encode()
        )
        with urllib.request.urlopen(request, timeout=harness.SECONDS) as answer:
            return json.load(answer)

    def ask(self, path, **parameters):
        return json.loads(self.server.get(path + "?" + urllib.parse.urlencode(parameters)))

    def shot(self, name):
        if SHOTS:
            self.page.screenshot(pathlib.Path(SHOTS) / f"{name}.png")

    def hits(self):
        """The number of hits, once all are counted."""
        status = self.page.until_text(".status-text", "hit") and self.page.text(".status-text")
        self.page.until(lambda: " hits so far" not in self.page.text(".status-text"), "the end of the search")
        status = self.page.text(".status-text")
        return int(status.split(" hit")[0].replace(",", ""))
