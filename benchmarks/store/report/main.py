#!/usr/bin/env python3
"""The store beside VictoriaLogs, both fed and asked over HTTP by the same client in one run. See --help and
benchmarks/README.md."""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "benchmarks" / "client"))
import figures as figures_file  # noqa: E402
import load  # noqa: E402  these of benchmarks/client, and what asks through it
import queries  # noqa: E402
import real_sets  # noqa: E402
import servers  # noqa: E402
import table  # noqa: E402

LINES, QUICK_LINES = 5_000_000, 200_000
IDS = 21


def note(text):
    print(f"· {text}", file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(prog="./bench store",
                                     description="The store beside VictoriaLogs, in one run.")
    parser.add_argument("--quick", action="store_true",
                        help=f"{QUICK_LINES:,} lines and no real sets: to see that it works, not how fast")
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE",
                        help="also write one flat object of numbers; without FILE, instead of the table")
    parser.add_argument("--lines", type=int, metavar="N", help=f"generated lines (default {LINES:,})")
    parser.add_argument("--file", type=pathlib.Path, metavar="NDJSON",
                        help="these lines instead of generated ones")
    parser.add_argument("--real", type=pathlib.Path, metavar="DIR", default=ROOT.parent / "shared" / "data",
                        help="real sets, *.ndjson.zst, when they are there (default: ../shared/data)")
    parser.add_argument("--no-real", action="store_true", help="leave the real sets out")
    parser.add_argument("--no-peers", action="store_true", help="ours alone")
    parser.add_argument("--only", action="append", metavar="QUERY", help="this query alone; may be repeated")
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def make_lines(args, work):
    if args.file:
        return args.file
    lines = args.lines or (QUICK_LINES if args.quick else LINES)
    note(f"making {lines:,} lines")
    path = work / "lines.ndjson"
    with open(path, "wb") as out:
        subprocess.run([args.build / "bench" / "store" / "lines", str(lines)], stdout=out, check=True)
    return path


def count_lines(path):
    with open(path, "rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


def ids_of(path):
    """Request ids from all over the file."""
    pattern = re.compile(rb'"request_id":"([^"]+)"')
    size, ids = path.stat().st_size, []
    with open(path, "rb") as file:
        for n in range(IDS):
            file.seek(size * n // (IDS + 1))
            found = pattern.search(file.read(1 << 16))
            if found:
                ids.append(found.group(1).decode())
    return ids


def bench_server(server, path, bodies, raw_bytes, args):
    note(f"{server.title}: ingest")
    with server:
        figures = load.measure(server, path, bodies)
    figures["disk_bytes"] = server.disk_bytes()  # stopped: nothing is in its memory alone
    note(f"{server.title}: queries")
    ids = ids_of(path)
    if len(ids) > 1:
        figures |= queries.cold_lookups(server, ids)
    server.forget_cached_files()
    with server:
        if len(ids) > 1:
            figures |= queries.lookups(server, ids)
        times, answers = queries.measure(server, queries.table(), args.only)
        figures |= times
        if isinstance(server, servers.Taffrail):
            figures |= queries.scan(server, raw_bytes)
        figures["query_rss_mb"] = server.peak_rss_mb()
        figures |= queries.searchable(server)
        figures |= queries.live(server)
    return {server.prefix + name: value for name, value in figures.items()}, answers


def bench(args, makers, work):
    path = make_lines(args, work)
    figures = {"load_average_before": os.getloadavg()[0]}
    lines, raw_bytes = count_lines(path), path.stat().st_size
    figures |= {"lines": lines, "raw_bytes": raw_bytes}
    bodies = load.cut(path)
    answers = []
    for make in makers:
        server = make()
        more, answer = bench_server(server, path, bodies, raw_bytes, args)
        figures |= more
        figures[server.prefix + "lines_per_cpu_s"] = lines / more[server.prefix + "ingest_cpu_s"]
        answers.append(answer)
        shutil.rmtree(server.data)
    if len(answers) == 2:
        differ = queries.disagreements(queries.table(), answers)
        figures["disagreements"] = len(differ)
        for sentence in differ:
            note(f"the answers differ: {sentence}")
    if not (args.quick or args.no_real or args.file) and args.real.is_dir():
        figures |= real(args, makers, work)
    figures["load_average_after"] = os.getloadavg()[0]
    return figures


def real(args, makers, work):
    sets = real_sets.unpack(args.real, work)
    figures = {"real_raw_bytes": sum(path.stat().st_size for path in sets)}
    for make in makers:
        sizes = real_sets.disk_bytes(make, sets, note)
        prefix = make().prefix
        figures[prefix + "real_disk_bytes"] = sum(sizes.values())
        figures |= {f"{prefix}real_{name.split('.')[0]}_disk_bytes": size for name, size in sizes.items()}
    note("zstd -19 --long=27 of the real sets")
    figures["zstd19_bytes"] = real_sets.zstd19_bytes(sets)
    return figures


def main():
    args = arguments()
    binary = args.build / "taffrail"
    peer = None if args.no_peers else servers.find_victorialogs()
    with tempfile.TemporaryDirectory(dir=args.build, prefix="bench-store-") as scratch:
        work = pathlib.Path(scratch)
        makers = [lambda: servers.Taffrail(work / "taffrail-data", binary)]
        if peer:
            makers.append(lambda: servers.VictoriaLogs(work / "victorialogs-data", peer))
        figures = bench(args, makers, work)
    out = figures_file.table_output(args.json)
    table.print_table(queries.table(), figures, out)
    table.print_beside(figures, bool(peer) or args.no_peers, out)
    figures_file.write(figures, args.json)


if __name__ == "__main__":
    main()
