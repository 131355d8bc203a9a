"""The types of the UI's source, by tsc: the build itself does not look at them."""

import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
import harness  # noqa: E402

UI = harness.SOURCE_DIR / "ui"


@unittest.skipIf(shutil.which("tsc") is None, "not installed: node-typescript")
class TypesTest(unittest.TestCase):
    def test_the_source_has_no_type_error(self):
        result = subprocess.run(["tsc", "-p", UI], capture_output=True, text=True, check=False)
        self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_no_string_becomes_html(self):
        sinks = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function")
        found = [
            f"{path.name}: {sink}" for path in UI.rglob("*.ts") for sink in sinks if sink in path.read_text()
        ]
        self.assertEqual(found, [])

    def test_lines_are_readable(self):  # but texts in one piece: queries, sentences
        long = [
            f"{path.relative_to(UI)}:{number}"
            for path in UI.rglob("*.ts")
            for number, line in enumerate(path.read_text().splitlines(), 1)
            if len(line) > 150 and line.strip()[0] not in "`\"'"
        ]
        self.assertEqual(long, [])


if __name__ == "__main__":
    harness.main()
