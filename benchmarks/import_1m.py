#!/usr/bin/env python3
"""How fast lines go into a store, what that costs, and how fast one request is found in it.

    benchmarks/import_1m.py [--bin build/release/taffrail] [--file FILE.ndjson] [--lines N] [--server]
                       [--json FILE]

Without --file it writes N lines of a web application first (the same bytes each time). --server sends them to
a server on the loopback instead of straight into a store. Beside our figures stands `zstd -1` of the same
file: about the least that reading, thinking about and writing those bytes can cost. The names are those of
benchmarks/README.md.
"""

import argparse
import json
import os
import pathlib
import random
import re
import subprocess
import tempfile
import time

LEVELS = ["INFO"] * 90 + ["DEBUG"] * 5 + ["WARNING"] * 3 + ["ERROR"] * 2
ROUTES = ["/api/v1/tasks", "/api/v1/tasks/{}", "/api/v1/projects", "/api/v1/users/me", "/api/v1/search"]
SERVICES = ["api-gateway", "auth-service", "task-service", "worker"]
RANDOM_ID_HITS = 20  # lookups whose median is given


def write_lines(path, lines):
    """About 400 bytes a line; four lines share a request id, users are few and requests many."""
    rng = random.Random(1)
    with open(path, "w", encoding="utf-8") as out:
        for n in range(lines):
            if n % 4 == 0:
                request = f"{rng.getrandbits(128):032x}"
                user = f"usr_{int(rng.paretovariate(1.1)) % 20000:08x}"
                route = rng.choice(ROUTES).format(rng.randrange(100000))
            milliseconds = 1767600000000 + n * 2 + rng.randrange(2)
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000))
            took = round(rng.lognormvariate(2.5, 1), 2)
            out.write(
                f'{{"timestamp":"{stamp}.{milliseconds % 1000:03d}Z","level":"{rng.choice(LEVELS)}",'
                f'"service":"{SERVICES[n % 4]}","logger":"request",'
                f'"message":"Completed {route} in {took} ms",'
                f'"context":{{"request_id":"{request}","user_id":"{user}",'
                f'"organization_id":"org_{n % 700:05d}"}},'
                f'"metadata":{{"method":"GET","path":"{route}","status_code":200,"duration_ms":{took},'
                f'"bytes_out":{rng.randrange(20000)},"client_ip":"10.{n % 256}.{n // 256 % 256}.7"}}}}\n')


def measured(command):
    """Wall and CPU seconds, and peak memory in MB, of a command and its children."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    message = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed: {message}")
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def disk_bytes(directory):
    return sum(path.stat().st_size for path in pathlib.Path(directory).rglob("*") if path.is_file())


def lookup_ms(binary, where, request_id):
    begin = time.monotonic()
    found = subprocess.run([binary, "search", *where, f'"{request_id}"', "--limit", "0", "--format", "raw"],
                           capture_output=True, check=True).stdout
    if not found:
        raise SystemExit(f"{request_id} was not found")
    return (time.monotonic() - begin) * 1000


def ids_of(path):
    found = re.compile(rb'"request_id":"([^"]+)"')
    with open(path, "rb") as file:
        size = os.path.getsize(path)
        for n in range(RANDOM_ID_HITS + 1):
            file.seek(size * n // (RANDOM_ID_HITS + 2))
            match = found.search(file.read(1 << 16))
            if match:
                yield match.group(1).decode()


def bench(options, work):
    path = options.file or work / "lines.ndjson"
    if not options.file:
        write_lines(path, options.lines)
    with open(path, "rb") as file:
        lines = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    store = work / "store"
    figures = {"lines": lines, "raw_bytes": os.path.getsize(path)}
    if options.server:
        figures |= through_server(options, path, store)
    else:
        wall, cpu, rss = measured([options.bin, "import", "--data", store, path])
        figures |= {"ingest_wall_s": wall, "ingest_cpu_s": cpu, "peak_rss_mb": rss}
        figures |= lookups(options, ["--data", store], path)
    subprocess.run([options.bin, "store", "compact", store], check=True, stdout=subprocess.DEVNULL)
    figures["disk_bytes"] = disk_bytes(store)
    figures["lines_per_s"] = lines / figures["ingest_wall_s"]
    figures["cpu_us_per_line"] = figures["ingest_cpu_s"] / lines * 1e6
    packed = work / "lines.zst"
    figures["zstd1_wall_s"], _, _ = measured(["zstd", "-1", "-T1", "-q", "-f", path, "-o", packed])
    figures["zstd1_bytes"] = packed.stat().st_size
    return figures


def lookups(options, where, path):
    times = [lookup_ms(options.bin, where, request_id) for request_id in ids_of(path)]
    return {"id_cold_ms": times[0], "id_warm_ms": sorted(times[1:])[len(times) // 2]} if times else {}


def through_server(options, path, store):
    server = subprocess.Popen([options.bin, "serve", "--data", store, "--listen", "127.0.0.1:0"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        url = re.search(r"http://\S+?:\d+", server.stdout.readline().decode()).group(0)
        wall, client_cpu, _ = measured([options.bin, "import", "--url", url, path])
        found = lookups(options, ["--url", url], path)
    finally:
        server.terminate()
        _, _, usage = os.wait4(server.pid, 0)
    return {"ingest_wall_s": wall, "ingest_cpu_s": client_cpu + usage.ru_utime + usage.ru_stime,
            "peak_rss_mb": usage.ru_maxrss / 1000} | found


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/taffrail")
    parser.add_argument("--file")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--server", action="store_true")
    parser.add_argument("--json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="taffrail-bench-") as work:
        figures = bench(options, pathlib.Path(work))
    for name, value in figures.items():
        print(f"{name:<18}{value:>16,.1f}" if isinstance(value, float) else f"{name:<18}{value:>16,}")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
