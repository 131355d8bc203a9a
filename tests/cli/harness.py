"""What the tests of the command line share: the binary, a server of one's own, and a report ctest can count.

TAFFRAIL_BIN names the binary. Where GTEST_OUTPUT asks for it (`xml:DIR/`), the cases are reported in
GoogleTest's XML, so that each counts as one test whatever language it is written in.
"""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from xml.etree import ElementTree

BIN = os.environ.get("TAFFRAIL_BIN", "build/debug/taffrail")
SOURCE_DIR = pathlib.Path(__file__).resolve().parents[2]
SHARED_DATA = SOURCE_DIR.parent / "shared" / "data"  # the real log sets, where a checkout has them beside it
SECONDS = 120  # longer than any command here takes, also under a sanitizer on a busy machine

DONE, CHECK_FAILED, USAGE, UNREACHABLE, DAMAGED = 0, 1, 2, 3, 4  # exit codes


def environment(**extra):
    """Nothing of the caller's terminal or configuration leaks into a test."""
    drop = {"TAFFRAIL_URL", "TAFFRAIL_TENANT", "TAFFRAIL_ADMIN_TOKEN"}
    drop |= {"NO_COLOR", "CLICOLOR_FORCE", "COLUMNS", "TERM"}
    clean = {name: value for name, value in os.environ.items() if name not in drop}
    return {**clean, "TZ": "UTC", **extra}


def run(*arguments, stdin=b"", env=None, cwd=None):
    return subprocess.run([BIN, *map(str, arguments)], input=stdin, capture_output=True, timeout=SECONDS,
                          env=environment(**(env or {})), cwd=cwd, check=False)


class Server:
    """`taffrail serve`, on a port of the system's choice unless told otherwise."""

    def __init__(self, data_dir, *arguments, listen="127.0.0.1:0", env=None):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [BIN, "serve", "--data", str(data_dir), "--listen", listen, *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=self.log, env=environment(**(env or {})))
        ready = self.process.stdout.readline().decode()
        found = re.search(r"http://[0-9.]+:[0-9]+", ready)
        if not found:
            self.process.kill()
            self.process.wait()
            self.log.seek(0)
            raise AssertionError(f"the server did not start: {ready!r} {self.log.read().decode()!r}")
        self.url = found.group(0)

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=SECONDS) as answer:
            return answer.read()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._close()

    def stop(self):
        """Asks it to end; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=SECONDS)
        self._close()
        return code

    def _close(self):
        self.process.stdout.close()
        self.log.close()


@contextlib.contextmanager
def serving(data_dir, *arguments):
    server = Server(data_dir, *arguments)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


class TestCase(unittest.TestCase):
    """With a directory that goes away, and assertions about a command's end."""

    maxDiff = 4000

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="taffrail-cli-")
        self.addCleanup(holder.cleanup)
        self.dir = pathlib.Path(holder.name)

    def ok(self, *arguments, **options):
        """Runs a command that must succeed; its output."""
        result = run(*arguments, **options)
        self.assertEqual(result.returncode, DONE, result.stderr.decode(errors="replace"))
        return result.stdout

    def fails(self, code, *arguments, **options):
        """Runs a command that must end with this code and one line of explanation; that line."""
        result = run(*arguments, **options)
        message = result.stderr.decode(errors="replace")
        self.assertEqual(result.returncode, code, message)
        self.assertEqual(message.count("\n"), 1, message)
        return message

    def write(self, name, content):
        path = self.dir / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


class _Result(unittest.TextTestResult):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.cases = []

    def stopTest(self, test):
        super().stopTest(test)
        self.cases.append(test.id())


def _write_report(result, directory, name):
    failed = {test.id().split(" ")[0]: text for test, text in result.failures + result.errors}
    skipped = {test.id() for test, _ in result.skipped}
    root = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(root, "testsuite", name=name)
    for case in [*result.cases, *sorted(skipped.difference(result.cases))]:  # whole classes are in no case
        group, _, title = case.rpartition(".")
        state = "skipped" if case in skipped else "completed"
        element = ElementTree.SubElement(suite, "testcase", name=title, classname=group, status="run",
                                         result=state)
        if case in failed:
            ElementTree.SubElement(element, "failure", message=failed[case])
    ElementTree.ElementTree(root).write(pathlib.Path(directory) / f"{name}.xml")


def main():
    script = pathlib.Path(sys.argv[0]).resolve()
    name = "_".join(script.relative_to(SOURCE_DIR / "tests").with_suffix("").parts)  # as ctest calls it
    runner = unittest.TextTestRunner(resultclass=_Result, verbosity=2)
    result = unittest.main(module="__main__", testRunner=runner, exit=False).result
    output = os.environ.get("GTEST_OUTPUT", "")
    if output.startswith("xml:") and output.endswith("/"):
        _write_report(result, output[len("xml:"):], name)
    sys.exit(not result.wasSuccessful())
