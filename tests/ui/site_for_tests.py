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
    """The task service, its OAuth provider and people who use it, logging into a server."""

    def __init__(self, url, directory):
        self._processes = []
        self.directory = pathlib.Path(directory)
        self._start(
            "oauth_provider", "--port-file", self.directory / "oauth.port", "--taffrail-url", url, "--port", 0
        )
        oauth = self._wait_for("oauth.port")
        self._start(
            "task_service",
            "--port-file",
            self.directory / "service.port",
            "--taffrail-url",
            url,
            "--port",
            0,
            "--oauth-url",
            f"http://127.0.0.1:{oauth}",
            "--allow-faults",
            "--database",
            self.directory / "tasks.db",
        )
        service = self._wait_for("service.port")
        self._start(
            "traffic",
            "--url",
            f"http://127.0.0.1:{service}",
            "--rps",
            60,
            "--seed",
            7,
            "--sample-file",
            self.directory / "request.id",
        )

    def _start(self, name, *arguments):
        self._processes.append(
            subprocess.Popen(
                [EXAMPLES / name, *map(str, arguments)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=harness.environment(),
            )
        )

    def _wait_for(self, name):
        path = self.directory / name
        deadline = time.monotonic() + harness.SECONDS
        while not (path.exists() and path.read_text().strip()):
            assert time.monotonic() < deadline, f"{name} did not come"
            time.sleep(0.05)
        return path.read_text().strip()

    def request_id(self):
        """Of a request that went through service, worker and provider."""
        return self._wait_for("request.id")

    def stop_traffic(self):
        self._processes.pop().terminate()

    def stop(self):
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            process.wait(harness.SECONDS)


class SiteTest(unittest.TestCase):
    """Each class has a server and a browser. `TRAFFIC`: the example logs into it for some seconds first."""

    TRAFFIC = False
    DARK = False
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        if absent := browser.missing():
            raise unittest.SkipTest(f"not installed: {', '.join(absent)}")
        if cls.TRAFFIC and not (EXAMPLES / "traffic").exists():
            raise unittest.SkipTest("the example is not built")
        holder = tempfile.TemporaryDirectory(prefix="taffrail-ui-")
        cls.addClassCleanup(holder.cleanup)
        cls.data_dir = pathlib.Path(holder.name) / "data"
        cls.server = harness.Server(cls.data_dir)
        cls.addClassCleanup(lambda: cls.server.stop())
        cls.example = None
        if cls.TRAFFIC:
            cls.example = Example(cls.server.url, holder.name)
            cls.addClassCleanup(cls.example.stop)
            cls.request_id = cls.example.request_id()
            time.sleep(2)  # of traffic: some hundred requests
        cls.page = browser.Browser(dark=cls.DARK)
        cls.addClassCleanup(cls.page.close)

    def setUp(self):
        self.page.resize(1440, 900)
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

    def ingest(self, *records):
        """Lines of objects or texts."""
        lines = "".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in records)
        request = urllib.request.Request(self.server.url + "/api/v1/ingest", lines.encode())
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
