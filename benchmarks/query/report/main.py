#!/usr/bin/env python3
"""How long every question of the vectors takes, in each language, over many lines in one store. See --help
and benchmarks/README.md."""

import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "benchmarks" / "client"))
import figures as figures_file  # noqa: E402
import load  # noqa: E402  these of benchmarks/client
import questions  # noqa: E402
import servers  # noqa: E402
from connection import Connection  # noqa: E402

LINES, QUICK_LINES = 25_000_000, 200_000
RUNS = 7  # the first of which is another figure
FIRST_ROWS_RUNS = 5
FIRST_ROWS = "/api/v1/search?query=*&limit=0&format=ndjson"


def note(text):
    print(f"· {text}", file=sys.stderr, flush=True)


def arguments():
    about = "Every query of the vectors over one store, in milliseconds."
    parser = argparse.ArgumentParser(prog="./bench query", description=about)
    parser.add_argument("--quick", action="store_true",
                        help=f"{QUICK_LINES:,} lines: to see that it works, not how fast")
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE",
                        help="also write one flat object of numbers; without FILE, instead of the table")
    parser.add_argument("--lines", type=int, metavar="N", help=f"generated lines (default {LINES:,})")
    parser.add_argument("--data", type=pathlib.Path, metavar="DIR",
                        help="a store of generated lines that is there already, instead of making one")
    parser.add_argument("--only", action="append", metavar="QUERY", help="this query alone; may be repeated")
    parser.add_argument("--no-peers", action="store_true", help="ours alone")
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def make_lines(args, path):
    lines = args.lines or (QUICK_LINES if args.quick else LINES)
    note(f"making {lines:,} lines")
    with open(path, "wb") as out:
        subprocess.run([args.build / "bench" / "store" / "lines", str(lines)], stdout=out, check=True)


def an_id(server, info):
    """One from the middle of the store, where no block begins."""
    parameters = {"query": "context.request_id:*", "limit": 2000}
    if info["parts"]:
        parameters["from"] = info["parts"][len(info["parts"]) // 2]["min_timestamp"]
    target = "/api/v1/search?" + urllib.parse.urlencode(parameters)
    connection = Connection(server.port)
    _, body = connection.get(target)
    connection.close()
    ids = re.findall(rb'"request_id":"(req_[0-9a-f]+)"', body)
    if not ids:
        raise SystemExit("the store has no lines of requests")
    return ids[-1].decode()


def measure(ask):
    """(first, median of the rest, rows), milliseconds"""
    times, body = [], b""
    for _ in range(RUNS):
        begin = time.monotonic()
        status, body = ask()
        times.append((time.monotonic() - begin) * 1000)
        if status != 200:
            raise SystemExit(f"answered {status}: {body[:300]!r}")
    return times[0], statistics.median(times[1:]), max(body.count(b"\n"), body.count(b'"_id":'))


def bench_taffrail(server, args, info, figures):
    with server:
        request_id = an_id(server, info)
        connection = Connection(server.port)
        for question in questions.table():
            if args.only and question.name not in args.only:
                continue
            first, warm, rows = measure(lambda asked=question: asked.ask(connection, request_id))
            figures |= {f"{question.name}_first_ms": first, f"{question.name}_ms": warm,
                        f"{question.name}_rows": rows}
        connection.close()
        figures["first_rows_ms"] = statistics.median(first_rows(server) for _ in range(FIRST_ROWS_RUNS))
        figures["rss_mb"] = server.peak_rss_mb()
    return request_id


def first_rows(server):
    connection = Connection(server.port)
    took_s = connection.first_bytes_s(FIRST_ROWS)
    connection.close()
    return took_s * 1000


def bench_victorialogs(server, args, request_id, figures):
    with server:
        connection = Connection(server.port)
        for question in questions.table():
            target = question.of_victorialogs(request_id)
            if target is None or (args.only and question.name not in args.only):
                continue
            first, warm, _ = measure(lambda asked=target: connection.get(asked))
            name = f"victorialogs_{question.name}"
            figures |= {f"{name}_first_ms": first, f"{name}_ms": warm}
        connection.close()


def print_table(figures, out):
    lines = [["", "rows", "first, ms", "warm, ms", "must be", "", "VictoriaLogs"]]
    shown = [(question.name, question.title, question.bound_ms) for question in questions.table()]
    for name, title, bound in [*shown, ("first_rows", "first rows of all lines", questions.FIRST_ROWS_MS)]:
        warm = figures.get(f"{name}_ms")
        if warm is None:
            continue
        rows, first, peer = (figures.get(key) for key in (f"{name}_rows", f"{name}_first_ms",
                                                          f"victorialogs_{name}_ms"))
        lines.append([title, "" if rows is None else f"{rows:,}", "" if first is None else f"{first:,.1f}",
                      f"{warm:,.1f}", f"< {bound:,}", "met" if warm < bound else "MISSED",
                      "–" if peer is None else f"{peer:,.1f}"])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        print("  ".join(cell.ljust(width) if i in (0, 5) else cell.rjust(width)
                        for i, (cell, width) in enumerate(zip(line, widths))).rstrip(), file=out)
    before, after = figures["load_average_before"], figures["load_average_after"]
    print(f"{figures['lines']:,} lines; {os.cpu_count()} cores, load average {before:.2f} before and "
          f"{after:.2f} after", file=out)


def bench(args, work):
    figures = {"load_average_before": os.getloadavg()[0]}
    binary = args.build / "taffrail"
    peer = None if args.no_peers or args.data else servers.find_victorialogs()
    data, path = args.data or work / "taffrail-data", work / "lines.ndjson"
    ours = servers.Taffrail(data, binary)
    if args.data is None:
        make_lines(args, path)
        note("taffrail: ingest")
        with ours:
            load.measure(ours, path, load.cut(path))
    info = json.loads(subprocess.run([binary, "store", "info", "--format", "json", data], check=True,
                                     capture_output=True).stdout)
    figures["lines"] = info["rows"]
    ours.forget_cached_files()
    note("taffrail: queries")
    request_id = bench_taffrail(ours, args, info, figures)
    if peer:
        theirs = servers.VictoriaLogs(work / "victorialogs-data", peer)
        note("VictoriaLogs: ingest")
        with theirs:
            load.measure(theirs, path, load.cut(path))
        theirs.forget_cached_files()
        note("VictoriaLogs: queries")
        bench_victorialogs(theirs, args, request_id, figures)
        shutil.rmtree(theirs.data)
    figures["load_average_after"] = os.getloadavg()[0]
    return figures


def main():
    args = arguments()
    with tempfile.TemporaryDirectory(dir=args.build, prefix="bench-query-") as scratch:
        figures = bench(args, pathlib.Path(scratch))
    print_table(figures, figures_file.table_output(args.json))
    figures_file.write(figures, args.json)


if __name__ == "__main__":
    main()
