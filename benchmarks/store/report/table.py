"""The table: figures down, stores across, and the ratio that was asked for."""

import os

# Of ours, whatever theirs is.
MOST_MS = {"id_cold_ms": 5, "id_warm_ms": 1, "searchable_ms": 1000, "live_ms": 100}
ROWS = [  # key, title, digits, what ours must be of theirs, whether more is better
    ("ingest_wall_s", "ingest, s", 2, 1 / 3, False),
    ("ingest_cpu_s", "  CPU until at rest, s", 2, 1 / 4, False),
    ("lines_per_cpu_s", "  lines a CPU-second", 0, 4, True),
    ("peak_rss_mb", "peak memory of ingest, MB", 1, 0.5, False),
    ("query_rss_mb", "  after the queries, MB", 1, None, False),
    ("disk_bytes", "bytes on disk", 0, 0.5, False),
    ("real_disk_bytes", "  real sets together", 0, 0.5, False),
    ("id_cold_ms", "one request id, cold, ms", 2, None, False),
    ("id_another_ms", "  another, files still cold, ms", 2, None, False),
    ("id_warm_ms", "  the same again, ms", 2, None, False),
    ("searchable_ms", "from sent to searchable, ms", 1, None, False),
    ("live_ms", "  to a live tail, ms", 1, None, False),
    ("scan_gb_per_core_s", "substring on lines, GB a core-second", 2, None, True),
]


def rows(queries, figures):
    yield from ROWS
    for query in queries:
        if f"query_{query.name}_ms" in figures:
            yield f"query_{query.name}_ms", query.title + ", ms", 1, query.bound, False
            yield f"query_{query.name}_first_ms", "  the first time, ms", 1, None, False


def print_table(queries, figures, out):
    lines = [["", "taffrail", "VictoriaLogs", "ratio", "must be", ""]]
    for key, title, digits, bound, more in rows(queries, figures):
        if key not in figures:
            continue
        ours, theirs = figures[key], figures.get("victorialogs_" + key)
        cells = [title, f"{ours:,.{digits}f}", "–" if theirs is None else f"{theirs:,.{digits}f}", "", "", ""]
        if theirs:
            ratio = ours / theirs
            cells[3] = f"{ratio:.2f}"
            if bound is not None:
                cells[4] = f"{'≥' if more else '≤'} {bound:.2f}"
                cells[5] = "met" if (ratio >= bound if more else ratio <= bound) else "MISSED"
        if key in MOST_MS:
            cells[4:] = [f"≤ {MOST_MS[key]} ms", "met" if ours <= MOST_MS[key] else "MISSED"]
        lines.append(cells)
    widths = [max(len(line[i]) for line in lines) for i in range(6)]
    for line in lines:
        print("  ".join(cell.ljust(width) if i in (0, 5) else cell.rjust(width)
                        for i, (cell, width) in enumerate(zip(line, widths))).rstrip(), file=out)


def print_beside(figures, peer_there, out):
    print(f"{figures['lines']:,} lines, {figures['raw_bytes']:,} bytes, "
          f"{figures['raw_bytes'] / figures['disk_bytes']:.1f} : 1 on disk", file=out)
    if "zstd19_bytes" in figures:
        print("real sets: {:.1f} : 1 on disk; zstd -19 --long=27 of the files {:.1f} : 1".format(
            figures["real_raw_bytes"] / figures["real_disk_bytes"],
            figures["real_raw_bytes"] / figures["zstd19_bytes"]), file=out)
    if not peer_there:
        print("VictoriaLogs is not installed: go install "
              "github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs@v1.52.1", file=out)
    print(f"{os.cpu_count()} cores, load average {figures['load_average_before']:.2f} before and "
          f"{figures['load_average_after']:.2f} after", file=out)
