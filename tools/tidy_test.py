#!/usr/bin/env python3
"""Each rule of tools/tidy must be able to fail: a small tree that is clean, then one fault at a time."""

import importlib.machinery
import importlib.util
import pathlib
import tempfile
import unittest

LOADER = importlib.machinery.SourceFileLoader("tidy", str(pathlib.Path(__file__).with_name("tidy")))
tidy = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", LOADER))
LOADER.exec_module(tidy)

CITE = "RE" + "Q"  # in pieces: these citations are not ours

CLEAN = {
    "docs/ARCHITECTURE.md": """
| folder | its one job | may use |
|---|---|---|
| `include/acme/` | public | – |
| `src/base/` | below | – |
| `src/wire/loki/` | a protocol | base |
| `src/net/` | a side | base |
| `src/top/` | above | wire |
| `src/cmd/` | all | all above |
""",
    "docs/requirements.md": "| id | what |\n|---|---|\n| L-01 | `src/base/a.h`, `src/*/a.h` |\n",
    "include/acme/p.h": "#pragma once\nnamespace taffrail {}\n",
    "src/base/a.h": "#pragma once\n#include <string>\nnamespace taffrail::base {\nint F();\n}\n",
    "src/base/a.cc": '#include "base/a.h"\nnamespace taffrail::base {\nint F() { return 1; }\n}\n',
    "src/base/CMakeLists.txt": "taffrail_folder(base LIBS absl::status)\n",
    "src/base/a_fuzz.cc": 'extern "C" int LLVMFuzzerTestOneInput();\n',
    "src/wire/loki/l.h": '#pragma once\n#include "base/a.h"\nnamespace taffrail::wire::loki {}\n',
    "src/wire/loki/CMakeLists.txt": "taffrail_folder(wire/loki DEPS base LIBS x)\n",
    "src/net/n.h": "#pragma once\nnamespace taffrail::net {}\n",
    "src/top/t.h": '#pragma once\n#include "wire/loki/l.h"\nnamespace taffrail::top {}\n',
    "src/top/t_test.cc": '#include "net/n.h"  // ' + CITE + " L-01\nnamespace taffrail::top {}\n",
    "src/cmd/c.h": '#pragma once\n#include "top/t.h"\n#include "base/a.h"\nnamespace taffrail::cmd {}\n',
}


def findings(changes):
    """What tidy finds in the clean tree with some files changed (None: removed)."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**CLEAN, **changes}.items():
            if text is not None:
                file = pathlib.Path(root, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
        return tidy.check(tidy.Tree(root))


def body(lines):
    return "#pragma once\nnamespace taffrail::base {\n" + "// x\n" * lines + "}\n"


# One or more ways to break each rule.
FAULTS = {
    "root-files": [{"GET": "20985"}, {"failed_ids.txt": "a\n"}],
    "folder-map": [
        {"src/new/n.h": "#pragma once\nnamespace taffrail::new {}\n"},
        {"src/top/t.h": None, "src/top/t_test.cc": None, "src/cmd/c.h": None},
        {"docs/ARCHITECTURE.md": ""},
    ],
    "layering": [
        {"src/base/a.cc": '#include "net/n.h"\nnamespace taffrail::base {}\n'},
        {"src/top/t.h": '#pragma once\n#include "base/a.h"\nnamespace taffrail::top {}\n'},
        {"src/base/a_test.cc": '#include "top/t.h"\nnamespace taffrail::base {}\n'},
        {"src/top/t.h": '#pragma once\n#include "cmd/c.h"\nnamespace taffrail::top {}\n'},
    ],
    "cmake-deps": [
        {"src/wire/loki/CMakeLists.txt": "taffrail_folder(wire/loki DEPS base net)\n"},
        {"src/wire/loki/CMakeLists.txt": "taffrail_folder(wire/lokki DEPS base)\n"},
        {"src/base/CMakeLists.txt": "taffrail_folder(base TEST_DEPS top)\n"},
    ],
    "namespaces": [
        {"src/wire/loki/l.h": "#pragma once\nnamespace taffrail::wire {}\n"},
        {"src/base/a.h": "#pragma once\nint F();  // namespace taffrail::base {}\n"},
    ],
    "pragma-once": [{"src/net/n.h": "// #pragma once\nnamespace taffrail::net {}\n"}],
    "own-header-first": [
        {"src/base/a.cc": '#include <string>\n#include "base/a.h"\nnamespace taffrail::base {}\n'},
    ],
    "using-namespace": [{"src/net/n.h": "#pragma once\nusing namespace std;\nnamespace taffrail::net {}\n"}],
    "heavy-headers": [
        {"src/net/n.h": "#pragma once\n#include <boost/beast/core.hpp>\nnamespace taffrail::net {}\n"},
        {"src/net/n.h": '#pragma once\n#include "x/y.pb.h"\nnamespace taffrail::net {}\n'},
        {
            "src/net/n.h": "// tidy: heavy-headers - only include/ has adapters\n#pragma once\n"
            "#include <boost/beast/core.hpp>\nnamespace taffrail::net {}\n"
        },
    ],
    "header": [{"src/base/a.h": body(300)}],
    "source": [{"src/base/b.cc": body(600)}],
    "line": [{"src/base/b.cc": "namespace taffrail::base {}  // " + "x" * 90 + "\n"}],
    "function": [
        {"src/base/b.cc": "namespace taffrail::base {\nint F(int a,\n int b) {\n" + "  ;\n" * 69 + "}\n}\n"},
        {"src/base/b.cc": "namespace taffrail::base {\nclass C {\n F() {\n" + " {}\n" * 70 + "}\n};\n}\n"},
    ],
    "unfinished": [{"src/base/b.cc": "namespace taffrail::base {}  // TO" + "DO: later\n"}],
    "exemptions": [
        {"src/base/b.cc": "// tidy: source\nnamespace taffrail::base {}\n"},
        {"src/base/b.cc": "// tidy: speed - because\nnamespace taffrail::base {}\n"},
        {"src/base/b.cc": "\n" * 20 + "// tidy: source - why\nnamespace taffrail::base {}\n"},
    ],
    "requirement-ids": [{"src/base/b.cc": f"// {CITE} L-01, L-77\nnamespace taffrail::base {{}}\n"}],
    "requirement-paths": [
        {"docs/requirements.md": "| L-01 | lines | `src/base/gone.h` |\n"},
        {"docs/requirements.md": "| L-01 | lines | `src/base/*_gone.h` |\n"},
    ],
}


class TidyTest(unittest.TestCase):
    def test_the_clean_tree_is_clean(self):
        self.assertEqual([], [str(f) for f in findings({})])

    def test_every_rule_has_a_fault_here(self):
        self.assertEqual(set(tidy.RULES), set(FAULTS))

    def test_every_rule_can_fail(self):
        for rule, faults in FAULTS.items():
            for changes in faults:
                with self.subTest(rule=rule, changes=list(changes)):
                    self.assertIn(rule, {f.rule for f in findings(changes)})

    def test_a_fault_is_found_where_it_is(self):
        found = findings({"src/base/b.cc": '\n#include "net/n.h"\nnamespace taffrail::base {}\n'})
        expected = ["src/base/b.cc:2: layering: base may not use net (net/n.h)"]
        self.assertEqual(expected, [str(finding) for finding in found])

    def test_an_exemption_with_a_reason_counts(self):
        text = "// tidy: source - one table\n" + body(600)
        self.assertEqual([], findings({"src/base/b.cc": text}))

    def test_limits_are_inclusive(self):
        self.assertEqual([], findings({"src/base/a.h": body(297), "src/base/b.cc": body(597)}))
        function = "namespace taffrail::base {\nint F() {\n" + "  ;\n" * 68 + "}\n}\n"
        self.assertEqual([], findings({"src/base/b.cc": function}))


class FunctionsTest(unittest.TestCase):
    def lengths(self, code):
        return [last - first + 1 for first, last in tidy.functions(tidy.blank(code))]

    def test_namespaces_and_classes_are_not_functions(self):
        code = "namespace a {\nclass C : B<int> {\n void f() {}\n int g()\n {\n }\n};\n}"
        self.assertEqual([1, 3], self.lengths(code))

    def test_blocks_and_lambdas_belong_to_their_function(self):
        code = "int f() {\n if (x) { y(); }\n auto g = [](int a) { return a; };\n}"
        self.assertEqual([4], self.lengths(code))

    def test_braces_in_literals_and_comments_do_not_count(self):
        code = 'int f() {\n s = "{";\n c = \'{\';\n // {\n r = R"x({)x"; n = 1\'000;\n}'
        self.assertEqual([6], self.lengths(code))

    def test_initializers_are_not_functions(self):
        code = "constexpr int k[] = {\n 1,\n 2};\nint f(int x) { return x; }"
        self.assertEqual([1], self.lengths(code))


if __name__ == "__main__":
    unittest.main()
