"""A ledger that Taffrail wrote, verified by the note and Merkle libraries of Go (main.go): they accept what
is right and refuse what is not. Skipped where Go or its modules are not to be had.

REQ U-01
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "cli"))
import harness  # noqa: E402
from harness import DONE, Server, run  # noqa: E402


def build(directory):
    """The verifier's path; a skip when it cannot be built here."""
    if shutil.which("go") is None:
        raise unittest.SkipTest("Go is not installed")
    program = pathlib.Path(directory) / "verifier"
    built = subprocess.run(["go", "build", "-o", str(program), "."], cwd=HERE, capture_output=True, text=True,
                           timeout=harness.SECONDS * 3, env={**os.environ, "GOFLAGS": "-mod=readonly"},
                           check=False)
    if built.returncode != 0:
        raise unittest.SkipTest("the verifier's modules are not to be had: " + built.stderr[-300:])
    return program


class GoVerifierTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.temporary.name)
        cls.program = build(cls.root)
        data = cls.root / "data"
        server = Server(data)
        records = ({"security_level": "audit", "message": f"record {i}"} for i in range(700))
        lines = "".join(json.dumps(record) + "\n" for record in records)
        request = urllib.request.Request(server.url + "/api/v1/ingest", data=lines.encode(), method="POST")
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
        assert server.stop() == 0
        cls.ledger = data / "audit/default/audit"
        cls.key = (cls.ledger / "key.pub").read_text().strip()

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def verify(self, *arguments):
        command = [str(self.program), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def test_it_accepts_the_ledger(self):
        answer = self.verify("ledger", self.ledger, self.key)
        self.assertEqual((answer.returncode, answer.stdout), (0, ""))

    def test_it_refuses_alterations(self):
        for name in ("checkpoint", "tile/0/001", "tile/entries/000", "tile/entries/002.p/188"):
            for place in (0, 5, 40, -2):
                with self.subTest(f"{name} {place}"):
                    copy = pathlib.Path(tempfile.mkdtemp(dir=self.root)) / "ledger"
                    shutil.copytree(self.ledger, copy)
                    data = bytearray((copy / name).read_bytes())
                    data[place] ^= 1
                    (copy / name).write_bytes(data)
                    self.assertEqual(self.verify("ledger", copy, self.key).returncode, 1)

    def test_it_checks_proofs(self):
        for index in (0, 255, 256, 699):
            proof, line = self.root / "p.tlog-proof", self.root / "r.json"
            made = run("audit", "prove", self.ledger, "--index", index, "--out", proof, "--record", line)
            self.assertEqual(made.returncode, DONE, made.stderr)
            self.assertEqual(self.verify("proof", proof, line, self.key).returncode, 0)
            line.write_bytes(line.read_bytes() + b" ")
            self.assertEqual(self.verify("proof", proof, line, self.key).returncode, 1)


if __name__ == "__main__":
    harness.main()
