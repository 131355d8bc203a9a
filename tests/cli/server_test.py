"""taffrail serve and tail: starting, stopping, configuration, live lines."""

import json
import select
import signal
import subprocess
import time

import harness
from harness import BIN, DONE, UNREACHABLE, USAGE, Server, TestCase, environment, run, serving


class Serve(TestCase):
    def test_signals_end_it_gracefully(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            server = Server(self.dir / "store")
            server.process.send_signal(signal.SIGHUP)  # is ignored
            self.ok("import", "--url", server.url, self.write("a.log", b"line\n"))
            server.process.send_signal(number)
            self.assertEqual(server.process.wait(timeout=harness.SECONDS), DONE)
            server.process.stdout.close()
        self.assertEqual(self.ok("search", "--data", self.dir / "store", "*"), b"line\nline\n")
        info = json.loads(self.ok("store", "info", "--format", "json", self.dir / "store"))
        self.assertEqual(info["memtable_rows"], 0)  # in parts: the next start has no log to read

    def test_one_store_one_server(self):
        with serving(self.dir / "store"):
            self.fails(UNREACHABLE, "serve", "--data", self.dir / "store", "--listen", "127.0.0.1:0")

    def test_an_address_that_is_taken(self):
        with serving(self.dir / "one") as server:
            address = server.url.removeprefix("http://")
            message = self.fails(UNREACHABLE, "serve", "--data", self.dir / "two", "--listen", address)
            self.assertIn(address.split(":")[1], message)

    def test_configuration_file(self):  # REQ P-05
        config = self.write("taffrail.yaml", f"data: {self.dir}/from-config\nlimits:\n  max_tails: 0\n")
        process = subprocess.Popen([BIN, "serve", "--config", config, "--listen", "127.0.0.1:0"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment())
        try:
            self.assertIn("from-config", process.stdout.readline().decode())
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()
        self.assertTrue((self.dir / "from-config").is_dir())

    def test_mistakes_in_it_name_file_and_line(self):
        config = self.write("taffrail.yaml", "data: x\nlimit:\n  max_tails: 0\n")
        message = self.fails(USAGE, "serve", "--config", config)
        self.assertIn("taffrail.yaml:2: there is no limit; there are", message)
        self.fails(UNREACHABLE, "serve", "--config", self.dir / "nowhere.yaml")
        self.fails(USAGE, "serve", "--listen", "nonsense")

    def test_doctor_finds_it_well(self):  # REQ P-07
        with serving(self.dir / "store") as server:
            findings = json.loads(run("doctor", "--url", server.url, "--format", "json").stdout)
        health = {finding["subject"]: finding["health"] for finding in findings}
        self.assertEqual((health["server"], health["ready"]), ("good", "good"))


class Tail(TestCase):
    def start(self, url, *arguments):
        process = subprocess.Popen([BIN, "tail", "--url", url, *arguments], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=environment())
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()

    def feed_until(self, server, process, line):
        """Sends the line until the tail, which takes a moment to connect, has had enough and ends."""
        path = self.write("a.ndjson", line)
        for _ in range(600):
            self.ok("import", "-q", "--url", server.url, path)
            if process.poll() is not None:
                return process.stdout.read()
            time.sleep(0.05)
        self.fail("the tail saw nothing")

    def test_shows_what_matches(self):  # REQ Q-09
        wanted = b'{"level":"ERROR","message":"wanted"}\n'
        with serving(self.dir / "store") as server:
            tail = self.start(server.url, "level:ERROR", "-n", "2", "--format", "raw")
            seen = self.feed_until(server, tail, wanted + b'{"level":"INFO","message":"unwanted"}\n')
        self.assertEqual(seen, wanted * 2)
        self.assertEqual(tail.returncode, DONE)

    def test_a_query_that_makes_no_sense(self):
        with serving(self.dir / "store") as server:
            self.assertEqual(run("tail", "--url", server.url, 'level:"open').returncode, USAGE)

    def test_no_server(self):
        self.fails(UNREACHABLE, "tail", "--url", "http://127.0.0.1:1")

    def test_connects_again_after_the_server_was_away(self):
        server = Server(self.dir / "store")
        tail = self.start(server.url, "--format", "raw")
        path = self.write("a.log", b"before\n")
        line = b""
        while not line:  # connected once a line came through
            self.ok("import", "-q", "--url", server.url, path)
            line = self.line_within(tail, 0.2)
        server.kill()
        self.assertIn(b"has gone away", tail.stderr.readline())
        again = Server(self.dir / "store", listen=server.url.removeprefix("http://"))
        try:
            path.write_bytes(b"after\n")
            deadline = time.monotonic() + harness.SECONDS
            while b"after" not in line and time.monotonic() < deadline:
                self.ok("import", "-q", "--url", again.url, path)
                line = self.line_within(tail, 0.5) or line
            self.assertIn(b"after", line)
        finally:
            again.stop()

    @staticmethod
    def line_within(process, seconds):
        ready, _, _ = select.select([process.stdout], [], [], seconds)
        return process.stdout.readline() if ready else b""


if __name__ == "__main__":
    harness.main()
