#!/usr/bin/env python3
"""Code in the documentation is code that compiles: each block that names a sample is that sample."""

import pathlib
import re
import textwrap
import unittest

import harness

DOCUMENTS = sorted((harness.SOURCE_DIR / "docs").rglob("*.md")) + [harness.SOURCE_DIR / "README.md"]
BLOCK = re.compile(r"(?:<!-- sample: (?P<file>[^#\s]+)#(?P<region>[\w-]+) -->\n)?"
                   r"```cpp\n(?P<code>.*?)```", re.DOTALL)


def region(file, name):
    """The lines between `// [name]` and `// [/name]`, moved to the margin."""
    text = (harness.SOURCE_DIR / file).read_text(encoding="utf-8")
    found = re.search(rf"^ *// \[{name}\]\n(.*?)^ *// \[/{name}\]$", text, re.DOTALL | re.MULTILINE)
    return None if found is None else textwrap.dedent(found.group(1))


class DocSamplesTest(unittest.TestCase):
    def test_blocks_are_their_samples(self):
        checked = 0
        for document in DOCUMENTS:
            for block in BLOCK.finditer(document.read_text(encoding="utf-8")):
                if block["file"] is None:
                    continue
                with self.subTest(document=document.name, sample=f"{block['file']}#{block['region']}"):
                    code = region(block["file"], block["region"])
                    self.assertIsNotNone(code, "no such region")
                    self.assertEqual(block["code"], code)
                    checked += 1
        self.assertGreater(checked, 10)

    def test_no_block_of_cpp_without_a_sample(self):
        for document in DOCUMENTS:
            for block in BLOCK.finditer(document.read_text(encoding="utf-8")):
                with self.subTest(document=document.name, code=block["code"][:60]):
                    self.assertIsNotNone(block["file"], "say which compiled sample this is")

    def test_every_sample_is_shown(self):
        """A region that no page quotes is forgotten, and a file without regions shows nothing."""
        quoted = {(block["file"], block["region"])
                  for document in DOCUMENTS
                  for block in BLOCK.finditer(document.read_text(encoding="utf-8"))}
        for file in sorted((harness.SOURCE_DIR / "examples" / "docs").glob("*.cc")):
            name = f"examples/docs/{file.name}"
            for found in re.findall(r"// \[([\w-]+)\]$", file.read_text(encoding="utf-8"), re.MULTILINE):
                with self.subTest(sample=f"{name}#{found}"):
                    self.assertIn((name, found), quoted)


if __name__ == "__main__":
    harness.main()
