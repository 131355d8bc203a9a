#!/usr/bin/env python3
"""The figures of the logging library beside the floor and the peers, all from one run. See --help and
benchmarks/README.md."""

import argparse
import json
import os
import pathlib
import sys
import tempfile

import contestants
import crash
import rounds
import service
import table

PARTS = ["figures", "crash", "service"]


def note(text):
    print(f"· {text}", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(prog="./bench log",
                                     description="The logging library beside the floor and its peers.")
    parser.add_argument("--quick", action="store_true", 
                        help="under a minute: to see that it works, not how fast")
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE",
                        help="also write one flat object of numbers; without FILE, instead of the table")
    parser.add_argument("--only", choices=PARTS, action="append",
                        help="this part alone, for work on the library; may be repeated")
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    args = parser.parse_args()
    parts = args.only or PARTS

    taffrail = args.build / "taffrail"
    figures = {"load_average_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory(dir=args.build, prefix="bench-log-") as scratch:
        bench = contestants.Bench(args.build / "bench" / "log", scratch)
        if "figures" in parts:
            figures |= rounds.measure(bench, rounds.Plan(args.quick), note)
        if "crash" in parts:
            figures |= crash.measure(bench, args.quick, taffrail if taffrail.exists() else None, note)
        if "service" in parts:
            figures |= service.measure(bench, args.build / "examples", args.quick, note)
    figures["load_average_after"] = os.getloadavg()[0]

    out = sys.stderr if args.json == "-" else sys.stdout
    table.print_table(bench, figures, out)
    table.print_beside(figures, out)
    table.print_machine(figures, out)
    text = json.dumps(figures, indent=1) + "\n"
    if args.json == "-":
        sys.stdout.write(text)
    elif args.json:
        pathlib.Path(args.json).write_text(text)



if __name__ == "__main__":
    main()
