"""taffrail redact: secrets out of text, through the real binary."""

import json
import pathlib
import subprocess
import sys
import tempfile

import harness
from harness import BIN, SHARED_DATA, UNREACHABLE, USAGE, TestCase, run

PASSWORD = "correct-horse-7battery"


class Filter(TestCase):
    # REQ U-04
    def test_lines_come_out_without_secrets_and_otherwise_as_they_were(self):
        lines = ["started", f"password={PASSWORD} host=db1", '{"user":"a","n":1.50}',
                 "mail to user@example.com"]
        clean = run("redact", stdin="\n".join(lines).encode()).stdout.decode().split("\n")
        self.assertEqual([clean[0], clean[2]], [lines[0], lines[2]])
        self.assertEqual(clean[1], "password=*** host=db1")
        self.assertEqual(clean[3], "mail to u***@example.com")

    def test_bytes_that_are_no_text_stay(self):
        noise = bytes(range(256)) * 50
        self.assertEqual(run("redact", stdin=noise).stdout, noise)

    def test_records_ended_by_nul_may_hold_lines(self):
        text = f"first\nline\0password={PASSWORD}\0".encode()
        self.assertEqual(run("redact", "--null", stdin=text).stdout, b"first\nline\0password=***\0")

    def test_json_stays_json(self):
        line = {"password": PASSWORD, "tokens": [PASSWORD], "body": json.dumps({"api_key": PASSWORD})}
        answer = json.loads(run("redact", stdin=json.dumps(line).encode()).stdout)
        self.assertNotIn(PASSWORD, json.dumps({k: answer[k] for k in ("password", "body")}))
        self.assertEqual(list(answer), list(line))

    def test_files_and_what_is_no_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "app.log")
            path.write_text(f"password={PASSWORD}\n")
            self.assertEqual(run("redact", path, path).stdout, b"password=***\n" * 2)
            missing = run("redact", pathlib.Path(folder, "none.log"))
            self.assertEqual(missing.returncode, UNREACHABLE, missing.stderr)
        self.assertEqual(run("redact", "--no-such-flag").returncode, USAGE)


class Labelled(TestCase):
    """Other people's labelled texts, where a checkout has them beside it."""

    def test_the_open_set(self):
        folder = SHARED_DATA / "redaction"
        if not folder.is_dir():
            self.skipTest("needs ../shared/data/redaction")
        done = subprocess.run([sys.executable, folder / "score_redaction.py", folder / "open.ndjson", BIN,
                               "redact", "--null"], capture_output=True, check=True, timeout=harness.SECONDS)
        report = done.stdout.decode()
        for label, least in (("positive", 97.5), ("negative", 99.5)):
            line = next(each for each in report.splitlines() if each.startswith(f"{label} core "))
            self.assertGreaterEqual(float(line.split()[2].rstrip("%")), least, report)


if __name__ == "__main__":
    harness.main()
