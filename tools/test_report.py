#!/usr/bin/env python3
"""Counts what a run of ctest did, one GoogleTest case at a time.

    tools/test_report.py NAME CTEST_JUNIT GTEST_DIR

GTEST_DIR holds the XML files that GTEST_OUTPUT made, named after their programs. A ctest test without one (a
script, a fuzz target, a program that crashed before its end) counts as one. Prints the failures, then three
numbers: passed failed skipped.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as xml


def gtest_cases(path):
    """(name, passed | failed | skipped, message) of each case."""
    for case in xml.parse(path).getroot().iter("testcase"):
        failures = [failure.get("message", "") for failure in case.iter("failure")]
        name = f"{case.get('classname')}.{case.get('name')}"
        if failures:
            yield name, "failed", "\n".join(failures)
        elif case.get("status") == "notrun" or case.get("result") in ("skipped", "suppressed"):
            yield name, "skipped", ""
        else:
            yield name, "passed", ""


def ctest_tests(path):
    """(name, passed | failed | skipped, last lines of its output) of each test."""
    states = {"run": "passed", "fail": "failed"}
    for case in xml.parse(path).getroot().iter("testcase"):
        output = "\n".join(case.findtext("system-out", "").splitlines()[-30:])
        yield case.get("name"), states.get(case.get("status"), "skipped"), output


def count(junit, gtest_dir):
    """Every single test of a run: (name, state, message)."""
    for name, state, output in ctest_tests(junit):
        files = [p for p in pathlib.Path(gtest_dir).glob("*.xml") if re.sub(r"_\d+$", "", p.stem) == name]
        cases = [case for file in files for case in gtest_cases(file)]
        yield from ((f"{name}: {case}", result, message) for case, result, message in cases)
        if not cases or (state == "failed" and all(result != "failed" for _, result, _ in cases)):
            yield name, state, output  # no cases, or it failed outside of them: at exit, or in a sanitizer


def main():
    run, junit, gtest_dir = sys.argv[1:4]
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    for name, state, message in count(junit, gtest_dir):
        totals[state] += 1
        if state == "failed":
            print(f"FAILED {run} {name}\n{message}", file=sys.stderr)
    print(*totals.values())


if __name__ == "__main__":
    main()
