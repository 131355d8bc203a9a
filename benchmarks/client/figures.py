"""What --json asks for: the figures as one flat object, in a file or instead of the table."""

import json
import pathlib
import sys


def table_output(target):
    """Where the table goes: beside an object on the standard output it goes to the other one."""
    return sys.stderr if target == "-" else sys.stdout


def write(figures, target):
    text = json.dumps(figures, indent=1) + "\n"
    if target == "-":
        sys.stdout.write(text)
    elif target:
        pathlib.Path(target).write_text(text)
