#!/usr/bin/env python3
"""Sources in heaps: lists of those that one compiler can read as one.

    tools/heaps.py FILE…     prints `<number of its heap> <file>` for each, for cmake/Heaps.cmake

Most of a compiler's time goes into headers and templates that the sources of a folder share. Sources that
define the same name go into different heaps, as far as a look at their lines tells.
"""

import pathlib
import re
import sys

# How many sources are read in one. With more, an edit compiles more, and two compilers end less evenly.
HEAP = 8
# Names that a source defines for itself: members and locals are indented, or have `::` before them.
OWN_NAME = re.compile(
    r"^(?:(?:struct|class|enum class|enum|union|using) (\w+)\b(?=[^;\n]*$| =)"
    r"|namespace (\w+) ="
    r"|#define (\w+)"
    r"|(?:\w[^()=;/\"'\n]*[ *&])?(\w+)(?:\(|\[\w*\] ?[={]| ?= |\{))",
    re.M,
)


def own_names(path):
    names = {next(filter(None, groups)) for groups in OWN_NAME.findall(pathlib.Path(path).read_text())}
    return {name for name in names if not name.isupper()} - {"static_assert"}


def sort(paths):
    """Lists of paths, each path in one."""
    made = []  # (paths, names that they define)
    for path in paths:
        names = own_names(path)
        home = next((heap for heap in made if len(heap[0]) < HEAP and not heap[1] & names), None)
        if home is None:
            made.append(home := ([], set()))
        home[0].append(path)
        home[1].update(names)
    return [members for members, _ in made]


def main():
    for number, members in enumerate(sort(sys.argv[1:])):
        for path in members:
            print(number, path)


if __name__ == "__main__":
    sys.exit(main())
