"""taffrail import and search: what goes in comes out, byte for byte, whatever it was wrapped in."""

import gzip
import json
import subprocess
import unittest

import harness
import lines
from harness import BIN, DAMAGED, SHARED_DATA, SOURCE_DIR, UNREACHABLE, TestCase, environment, run, serving


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


def joined(stored):
    return b"".join(line + b"\n" for line in stored)


class IntoAStore(TestCase):
    def setUp(self):
        super().setUp()
        self.store = self.dir / "store"

    def stored(self):
        return self.ok("search", "--data", self.store, "*", "--limit", "0", "--format", "raw")

    def imports(self, *files, **options):
        return self.ok("import", "--data", self.store, *files, **options)

    def same(self, expected):
        """Equal as sets of lines with their counts: the order is that of their times."""
        self.assertEqual(sorted(self.stored().split(b"\n")), sorted((expected).split(b"\n")))

    def test_every_odd_line_comes_back(self):  # REQ D-01
        content = joined(lines.ALL)
        self.imports(self.write("odd.log", content))
        self.same(content)

    def test_the_last_line_needs_no_newline(self):
        self.imports(self.write("a.log", b"one\ntwo"))
        self.same(b"one\ntwo\n")

    def test_order_of_arrival_decides_between_equal_times(self):
        content = joined(b'{"ts":"2025-01-01T00:00:00Z","n":%d}' % n for n in range(5000))
        self.imports(self.write("a.ndjson", content))
        self.assertEqual(self.stored(), content)

    def test_gzip_zstd_and_stdin(self):  # REQ P-03
        first, second, third = b'{"n":1}\n', b'{"n":2}\n', b'{"n":3}\n'
        self.imports(self.write("named.wrongly", gzip.compress(first) + gzip.compress(second)))
        self.imports(self.write("b.zst", zstd(first) + zstd(second)))
        self.imports("-", stdin=third)
        self.imports("-", stdin=gzip.compress(third))
        self.same(2 * (first + second + third))

    def test_truncated_gzip_keeps_what_can_be_read_and_the_other_files(self):
        content = joined(b'{"n":%d,"pad":"%s"}' % (n, b"%d" % (n * 7919)) for n in range(20000))
        packed = gzip.compress(content)
        broken = self.write("broken.gz", packed[: len(packed) // 2])
        whole = self.write("whole.log", b"after the damage\n")
        result = run("import", "--data", self.store, broken, whole)
        self.assertEqual(result.returncode, DAMAGED, result.stderr)
        self.assertIn(b"broken.gz", result.stderr)
        found = self.stored().split(b"\n")
        self.assertIn(b"after the damage", found)
        self.assertGreater(len(found), 1000)
        self.assertEqual(set(found) - set(content.split(b"\n")), {b"after the damage"})

    def test_says_what_became_of_the_lines(self):
        path = self.write("mixed.log", b'{"a":1}\ntext\n\n\xff\n')
        message = run("import", "--data", self.store, path).stderr.decode()
        self.assertIn("3 lines", message)
        self.assertIn("1 JSON, 2 text", message)
        self.assertIn("1 not UTF-8", message)
        self.assertIn("1 blank", message)
        self.assertEqual(run("import", "-q", "--data", self.store, path).stderr, b"")

    def test_a_line_beyond_the_limit_is_clipped_and_marked(self):
        path = self.write("long.log", b"y" * (100 << 20) + b"\nshort\n")
        message = run("import", "--data", self.store, path).stderr.decode()
        self.assertIn("1 clipped", message)
        found = [line for line in self.stored().split(b"\n") if line]
        self.assertEqual(len(found), 2)
        clipped = next(line for line in found if line != b"short")
        self.assertRegex(clipped[-60:].decode(), r"…\[clipped \d+ bytes\]$")
        self.assertLess(len(clipped), 3 << 20)

    def test_missing_file_does_not_keep_the_others_out(self):
        path = self.write("there.log", b"there\n")
        result = run("import", "--data", self.store, self.dir / "gone.log", path)
        self.assertEqual(result.returncode, UNREACHABLE)
        self.assertEqual(self.stored(), b"there\n")

    def test_two_importers_cannot_share_a_store(self):
        holder = subprocess.Popen([BIN, "import", "--data", self.store, "-"], stdin=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=environment())
        try:
            holder.stdin.write(b"x" * 100 + b"\n")
            holder.stdin.flush()
            while not (self.store / "LOCK").exists():
                pass
            self.fails(UNREACHABLE, "import", "--quiet", "--data", self.store, self.write("a", b"a\n"))
        finally:
            holder.communicate()


class IntoAServer(TestCase):
    def test_every_odd_line_comes_back(self):  # REQ I-01 REQ I-04
        content = joined(lines.ALL)
        path = self.write("odd.log", content)
        with serving(self.dir / "store") as server:
            self.ok("import", "--url", server.url, path)
            found = self.ok("search", "--url", server.url, "*", "--limit", "0", "--format", "raw")
        self.assertEqual(sorted(found.split(b"\n")), sorted(content.split(b"\n")))

    def test_keeps_the_order_of_the_file(self):
        line = b'{"ts":"2025-01-01T00:00:00Z","n":%d,"pad":"' + b"p" * 200 + b'"}'
        content = joined(line % n for n in range(120000))
        path = self.write("a.ndjson", content)  # 30 MB: several requests
        with serving(self.dir / "store") as server:
            self.ok("import", "--url", server.url, path)
            found = self.ok("search", "--url", server.url, "*", "--limit", "0", "--format", "raw")
        self.assertEqual(found, content)

    def test_gives_up_in_time_when_there_is_no_server(self):
        path = self.write("a.log", b"a\n")
        message = self.fails(UNREACHABLE, "import", "-q", "--url", "http://127.0.0.1:1", "--retry-for", "1",
                             path)
        self.assertIn("127.0.0.1", message)


class LineShapes(TestCase):
    """The lines of the five stacks: as in their files (over many lines: text), and one a line."""

    def test_every_vector_comes_back(self):  # REQ D-01 REQ L-03
        store = self.dir / "store"
        files = sorted((SOURCE_DIR / "tests" / "vectors" / "lines").glob("*.json"))
        self.assertGreaterEqual(len(files), 10)
        objects = [json.loads(file.read_bytes()) for file in files]
        written = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects).encode()
        (self.dir / "written.ndjson").write_bytes(written)
        self.ok("import", "--data", store, *files, self.dir / "written.ndjson")
        found = self.ok("search", "--data", store, "*", "--limit", "0", "--format", "raw")
        expected = written.splitlines() + [line for f in files for line in f.read_bytes().splitlines()]
        self.assertEqual(sorted(found.splitlines()), sorted(expected))


@unittest.skipUnless(SHARED_DATA.is_dir(), "the real log sets are not beside this checkout")
class RealLogs(TestCase):
    """One test a file of ../shared/data, made below: JSON lines and plain text."""


def _round_trip(path):
    def test(self):  # REQ D-01 REQ P-03
        store = self.dir / "store"
        original = subprocess.run(["zstd", "-dc", path], capture_output=True, check=True).stdout
        self.ok("import", "--data", store, path)
        found = self.ok("search", "--data", store, "*", "--limit", "0", "--format", "raw")
        self.assertTrue(sorted(found.split(b"\n")) == sorted(original.split(b"\n")), f"{path} differs")

    return test


if SHARED_DATA.is_dir():
    for _path in sorted([*SHARED_DATA.glob("*.ndjson.zst"), *SHARED_DATA.glob("text/*.zst")]):
        setattr(RealLogs, "test_" + _path.name.split(".")[0], _round_trip(_path))
else:
    RealLogs.test_all = lambda self: None


if __name__ == "__main__":
    harness.main()
