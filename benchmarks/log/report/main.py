#!/usr/bin/env python3
"""The figures of the logging library beside the floor and the peers, all from one run. See --help and
benchmarks/README.md."""

import argparse
import json
import os
import pathlib
import sys
import tempfile

import compile_cost
import contestants
import crash
import rounds
import service
import table

ROOT = pathlib.Path(__file__).resolve().parents[3]


def parts(build):
    """{name: function of bench and plan that returns figures}, in the order in which they are measured."""
    taffrail = build / "taffrail"
    return {
        "call": rounds.call,
        "disabled": rounds.disabled,
        "lines": rounds.lines,
        "idle": rounds.idle,
        "paced": rounds.paced,
        "crash": lambda *args: crash.measure(taffrail if taffrail.exists() else None, *args),
        "compile": lambda *args: compile_cost.measure(ROOT / "include", *args),
        "service": lambda *args: service.measure(build / "examples", *args),
    }


def note(text):
    print(f"· {text}", file=sys.stderr, flush=True)


def arguments(names):
    parser = argparse.ArgumentParser(prog="./bench log",
                                     description="The logging library beside the floor and its peers.")
    parser.add_argument("--quick", action="store_true",
                        help="under a minute: to see that it works, not how fast")
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE",
                        help="also write one flat object of numbers; without FILE, instead of the table")
    parser.add_argument("--only", choices=names, action="append",
                        help="this part alone, for work on the library; may be repeated")
    parser.add_argument("--no-peers", action="store_true", help="the floor and us alone")
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    return parser


def main():
    args = arguments(list(parts(pathlib.Path()))).parse_args()
    plan = rounds.Plan(args.quick, not args.no_peers)
    figures = {"load_average_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory(dir=args.build, prefix="bench-log-") as scratch:
        bench = contestants.Bench(args.build / "bench" / "log", scratch)
        for name, measure in parts(args.build).items():
            if name in (args.only or [name]):
                figures |= measure(bench, plan, note)
    figures["load_average_after"] = os.getloadavg()[0]

    out = sys.stderr if args.json == "-" else sys.stdout
    table.print_table(bench, plan.with_peers, figures, out)
    table.print_beside(figures, out)
    table.print_machine(figures, out)
    text = json.dumps(figures, indent=1) + "\n"
    if args.json == "-":
        sys.stdout.write(text)
    elif args.json:
        pathlib.Path(args.json).write_text(text)


if __name__ == "__main__":
    main()
