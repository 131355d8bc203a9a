"""Data that breaks log stores, and a disk that is full, against the real server: all of it is taken in, all
of it comes back byte for byte, from the write-ahead log and after flushes and merges, and memory stays within
what the configuration says.

REQ D-01, REQ D-02, REQ I-04
"""

import contextlib
import json
import os
import pathlib
import random
import subprocess
import tempfile
import time
import unittest

import client
import harness

JSON = {"Content_Type": "application/json"}
MEMTABLE_MB = 8
RESERVE_MB = 16
# Two memtables of raw bytes, each about twice that in memory, the batches of uploads in flight, a flush and a
# merge at work, and the program itself.
PEAK_MB = 200


def sanitized():
    """Whether the binary's memory says nothing of what a user's would need."""
    program = pathlib.Path(harness.BIN).read_bytes()
    return b"__asan_init" in program or b"__tsan_init" in program


class HostileTest(client.ApiTest):
    """One server for all cases: what one leaves behind must not hurt the next."""

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="taffrail-hostile-")
        cls.addClassCleanup(holder.cleanup)
        cls.data = pathlib.Path(holder.name) / "data"
        config = pathlib.Path(holder.name) / "taffrail.yaml"
        config.write_text(f"store:\n  memtable_mb: {MEMTABLE_MB}\n  min_free_mb: {RESERVE_MB}\n")
        cls.arguments = ["--config", config]
        cls.start()
        cls.addClassCleanup(cls._stop)

    @classmethod
    def start(cls):
        cls.server = harness.Server(cls.data, *cls.arguments)
        cls.host, cls.port = cls.server.url.removeprefix("http://").split(":")

    def comes_back(self, lines, query):
        """At once, after a restart, and after everything was merged; in the order of their times."""
        self.assertTrue(self.lines(query) == lines)  # assertEqual would print it all
        self.assertEqual(self.server.stop(), harness.DONE)
        compact = harness.run("store", "compact", self.data)
        self.assertEqual(compact.returncode, harness.DONE, compact.stderr)
        verify = harness.run("store", "verify", self.data)
        self.assertEqual(verify.returncode, harness.DONE, verify.stdout)
        type(self).start()
        self.assertTrue(self.lines(query) == lines)  # assertEqual would print it all

    def taken(self, lines, query):
        """Sends lines (which carry rising times, or none) and asks for them back."""
        answer = self.send("POST", "/api/v1/ingest", b"\n".join(lines) + b"\n")
        self.assertEqual(answer.status, 200, answer.body)
        summary = json.loads(answer.body)
        self.assertEqual(summary["accepted"], len(lines))
        self.bounded()
        self.comes_back(lines, query)
        self.bounded()
        return summary

    def bounded(self):
        if sanitized():
            return
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        peak_kb = next(int(row.split()[1]) for row in status.splitlines() if row.startswith("VmHWM"))
        self.assertLess(peak_kb / 1024, PEAK_MB)

    def test_ten_thousand_keys_in_one_line_and_in_as_many(self):
        wide = json.dumps({"kind": "wide", **{f"key.{i}": i for i in range(10_000)}}).encode()
        deep = json.dumps({"kind": "wide", "o": {f"k{i}": {"v": str(i)} for i in range(10_000)}}).encode()
        each = [json.dumps({"kind": "wide", f"only_{i}": i, "n": i}).encode() for i in range(10_000)]
        self.taken([wide, deep, *each, wide], "kind:wide")
        self.assertEqual(self.lines("only_7777:7777"), [each[7777]])
        self.assertEqual(len(self.lines("o.k9999.v:9999")), 1)

    def test_lines_of_a_megabyte(self):
        dice = random.Random(1)
        lines = [json.dumps({"kind": "huge", "n": i, "text": dice.choice("abc") * (1 << 20)}).encode()
                 for i in range(12)]
        noise = dice.randbytes(1 << 19).hex()  # what no encoding makes small
        lines += [json.dumps({"kind": "huge", "n": n, "noise": noise[n:]}).encode() for n in range(12)]
        lines.append(b'{"kind":"huge","list":[' + b",".join([b'{"a":[1,2]}'] * 80_000) + b"]}")
        self.taken(lines, "kind:huge")
        self.assertEqual(self.lines("kind:huge n:11"), [lines[11], lines[23]])

    def test_nesting_of_500_levels(self):
        lines = []
        for levels in (31, 32, 33, 100, 500):
            for opening, closing in ((b"[", b"]"), (b'{"k":', b"}"), (b'[{"k":', b"}]")):
                deep = opening * (levels // len(opening.strip(b'"k:'))) + b"1"
                deep += closing * (levels // len(opening.strip(b'"k:')))
                lines.append(b'{"kind":"deep","before":1,"deep":' + deep + b',"after":2}')
        summary = self.taken(lines, "kind:deep")
        self.assertEqual(summary["json"], len(lines))
        self.assertEqual(len(self.lines("kind:deep after:2")), len(lines))

    def test_one_key_of_every_type(self):
        values = ["1", "-1", "1.50", "1e3", "1e999", "true", "false", "null", '""', '"1"', '"text"',
                  "[]", "{}", "[1,\"1\",null]",
                  '{"x":1}', '{"x":"1"}', '{"x":{"x":[]}}', "123456789012345678901234567890",
                  '"2026-01-01T00:00:00Z"', '"\\u00e9"', '"é"', '1.0', '-0', '0.1e-5']
        dice = random.Random(2)
        lines = [b'{"kind":"conflict","x": %b, "x.x":%b}' % (dice.choice(values).encode(),
                                                             dice.choice(values).encode())
                 for _ in range(20_000)]
        self.taken(lines, "kind:conflict")

    def test_a_hundred_thousand_streams(self):
        count, pushes = 100_000, 10
        lines = []
        for push in range(pushes):
            streams = []
            for i in range(push, count, pushes):
                line = f"stream {i}"
                lines.append((1_700_000_000_000_000_000 + i, line.encode()))
                streams.append({"stream": {"app": "many", "pod": f"pod-{i}", "zone": str(i % 3)},
                                "values": [[str(1_700_000_000_000_000_000 + i), line]]})
            answer = self.send("POST", "/loki/api/v1/push", json.dumps({"streams": streams}), **JSON)
            self.assertEqual(answer.status, 204, answer.body)
        self.bounded()
        self.comes_back([line for _, line in sorted(lines)], "app:many")
        answer = self.get("/loki/api/v1/query_range", query='{pod="pod-77777"}', start="1700000000",
                          end="1700000100")
        found = json.loads(answer.body)["data"]["result"]
        self.assertEqual([stream["values"][0][1] for stream in found], ["stream 77777"])
        self.bounded()

    def test_times_fifty_years_apart(self):
        days = [f"{year}-{month:02d}-15T12:00:00Z" for year in range(1975, 2026) for month in (1, 5, 9)]
        lines = [json.dumps({"timestamp": day, "kind": "old", "n": n}).encode() for n, day in enumerate(days)]
        shuffled = list(lines)
        random.Random(3).shuffle(shuffled)
        answer = self.send("POST", "/api/v1/ingest", b"\n".join(shuffled))
        self.assertEqual((answer.status, json.loads(answer.body)["time_unreadable"]), (200, 0))
        self.comes_back(lines, "kind:old")
        answer = self.get("/api/v1/search", **{"query": "kind:old", "from": "1999-01-01T00:00:00Z",
                                               "to": "2001-01-01T00:00:00Z", "limit": 0, "format": "raw"})
        self.assertEqual(answer.body.splitlines(), lines[24 * 3:26 * 3])
        self.bounded()


@contextlib.contextmanager
def small_disk(megabytes):
    """A directory on a file system of its own, or a skipped test where none may be mounted."""
    with tempfile.TemporaryDirectory(prefix="taffrail-disk-") as path:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", path]
        try:
            may = os.geteuid() == 0
            mounted = may and subprocess.run(mount, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            mounted = False
        if not mounted:
            raise unittest.SkipTest("no small file system may be mounted here")
        try:
            yield pathlib.Path(path)
        finally:
            subprocess.run(["umount", "-l", path], check=True)


class FullDiskTest(client.ApiTest):
    @classmethod
    def setUpClass(cls):
        disk = small_disk(64)
        cls.disk = disk.__enter__()
        cls.addClassCleanup(disk.__exit__, None, None, None)
        config = cls.disk / "taffrail.yaml"
        config.write_text(f"store:\n  memtable_mb: {MEMTABLE_MB}\n  min_free_mb: {RESERVE_MB}\n")
        cls.server = harness.Server(cls.disk / "data", "--config", config)
        cls.addClassCleanup(cls._stop)
        cls.host, cls.port = cls.server.url.removeprefix("http://").split(":")

    def test_a_full_disk(self):
        """Lines that do not shrink, until the disk is full; then room is made, and it goes on."""
        dice = random.Random(4)
        acknowledged = []
        answer = None
        for upload in range(200):
            lines = [f'{{"n":{upload * 1000 + i},"noise":"{dice.randbytes(400).hex()}"}}'.encode()
                     for i in range(1000)]
            answer = self.send("POST", "/api/v1/ingest", b"\n".join(lines))
            if answer.status != 200:
                acknowledged += lines[:json.loads(answer.body)["accepted_lines"]]
                break
            acknowledged += lines
        self.assertEqual((answer.status, answer.type), (503, "application/problem+json"), answer.body)
        self.assertIn("Retry-After", answer.headers)
        problem = json.loads(answer.body)
        self.assertIn("bytes free", problem["detail"])
        self.assertIn("reserve", problem["detail"])
        self.assertEqual(self.get("/readyz").status, 503)
        self.assertTrue(self.lines() == acknowledged)  # assertEqual would print it all

        # Nothing left at all, not even the reserve, and still no answer but 503, and reads go on.
        with contextlib.suppress(OSError):
            with open(self.disk / "filler", "wb", buffering=0) as filler:
                while filler.write(bytes(1 << 16)):
                    pass
        for _ in range(3):
            self.assertEqual(self.send("POST", "/api/v1/ingest", b"{}").status, 503)
        self.assertEqual(len(self.lines()), len(acknowledged))
        self.assertEqual(len(self.lines("n:1500")), 1)

        # A crash on the full disk loses nothing that was acknowledged either.
        self.server.kill()
        type(self).server = harness.Server(self.disk / "data", "--config", self.disk / "taffrail.yaml")
        type(self).host, type(self).port = self.server.url.removeprefix("http://").split(":")
        self.assertTrue(self.lines() == acknowledged)  # assertEqual would print it all
        self.assertEqual(self.send("POST", "/api/v1/ingest", b"{}").status, 503)

        # Room is made: the operator makes the disk larger, and nobody restarts the server.
        os.remove(self.disk / "filler")
        subprocess.run(["mount", "-o", "remount,size=256m", self.disk], check=True)
        last = b'{"n":"last"}'
        self.assertEqual(self.send("POST", "/api/v1/ingest", last).status, 200)
        self.assertTrue(self.lines() == [*acknowledged, last])
        deadline = time.monotonic() + client.SECONDS  # the flush that failed is tried again, ever more rarely
        while self.get("/readyz").status != 200 and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(self.get("/readyz").status, 200)


if __name__ == "__main__":
    client.main()
