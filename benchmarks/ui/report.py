#!/usr/bin/env python3
"""How the web UI feels: the first page, a query over five million lines, scrolling through all of them.

    ./bench ui [--quick] [--json [FILE]] [--lines N]

A server of its own, filled with the lines of benchmarks/import_1m.py, and Chromium without a graphics card
(software rendering: a browser with one is no slower). The names are those of benchmarks/README.md.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "tests" / "ui"), str(ROOT / "tests" / "cli")]
import browser  # noqa: E402
import import_1m  # noqa: E402

LOADS = 7  # whose median is given
QUERIES = {  # what people type; {id} is a request of the middle of the file
    "all": "*",
    "level": "level:ERROR",
    "word": "Completed",
    "field": "service:worker level:>=WARNING",
    "number": "metadata.duration_ms:>=100",
    "id": "{id}",
}
MUST_BE = [  # (title, name, digits, most, least)
    ("first load, compressed, KB", "first_load_kb", 1, 150, None),
    ("first lines after opening, ms", "first_lines_ms", 0, 1000, None),
    ("a query's first lines, ms", "search_5m_ms", 0, 200, None),
    ("scrolling, frames a second", "scroll_fps", 1, None, 50),
    ("  its computing a frame, ms", "scroll_cpu_ms_per_frame", 1, 20, None),
    ("  while dragging the bar", "scroll_drag_fps", 1, None, 50),
    ("  its computing a frame, ms", "scroll_drag_cpu_ms_per_frame", 1, 20, None),
]

# Before any script of the page: notes when the first line is there.
NOTE_FIRST_LINE = """
window.firstLineAt = 0;
const note = () => {
  if (!window.firstLineAt && document.querySelector('.hit:not(.is-loading)')) {
    requestAnimationFrame(() => { window.firstLineAt ||= performance.now(); });
  }
};
new MutationObserver(note).observe(document, {childList: true, subtree: true});
"""

# From the key that asks to the frame in which the list shows the answer, the page's own work included.
ASK = """
const [query] = arguments;
const input = document.querySelector('.query-input');
const list = document.querySelector('.results');
const before = document.querySelector('.hit');
input.value = query;
const begin = performance.now();
input.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true}));
for (;;) {
  await new Promise((r) => requestAnimationFrame(r));
  const first = document.querySelector('.hit:not(.is-loading)');
  if ((first && first !== before && first.isConnected) || document.querySelector('.nothing')) break;
  if (performance.now() - begin > 60000) throw new Error('no line within a minute');
}
return performance.now() - begin;
"""

# Frames a second while the list moves by `step` pixels in each; and how many rows were not there yet.
SCROLL = """
const [step, milliseconds] = arguments;
const list = document.querySelector('.list');
list.scrollTop = 0;
await new Promise((r) => setTimeout(r, 500));
const begin = performance.now();
let frames = 0, worst = 0, last = begin, rows = 0, waiting = 0;
while (performance.now() - begin < milliseconds) {
  await new Promise((r) => requestAnimationFrame(r));
  const now = performance.now();
  worst = Math.max(worst, now - last);
  last = now;
  ++frames;
  if (list.scrollTop + list.clientHeight >= list.scrollHeight - 1) list.scrollTop = 0;
  list.scrollTop += step;
  rows += document.querySelectorAll('.hit').length;
  waiting += document.querySelectorAll('.hit.is-loading').length;
}
return [frames, (performance.now() - begin) / 1000, worst, 100 * waiting / Math.max(1, rows)];
"""


def fill(binary, data, lines):
    """Imports through a pipe: two gigabytes need no file."""
    read_end, write_end = os.pipe()
    command = [binary, "import", "--quiet", "--data", data, "-"]
    importer = subprocess.Popen(command, stdin=read_end, stderr=subprocess.DEVNULL)
    os.close(read_end)
    import_1m.write_lines(f"/dev/fd/{write_end}", lines)
    os.close(write_end)
    assert importer.wait() == 0, "the import failed"


def first_load(url):
    """KB over the wire for the page and all it loads."""
    total = 0
    for path in ("/", "/ui/app.js", "/ui/app.css", "/ui/icon.svg"):
        request = urllib.request.Request(url + path, headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            total += len(answer.read())
    return total / 1000


def scroll(page, step, duration_ms, prefix):
    """The figures of one way to scroll. What the page's own thread computes for a frame, in processor time,
    is the same on a busy machine; the frames a second are not."""
    before = thread_seconds(page)
    frames, seconds, worst, waiting = page.js(SCROLL, step, duration_ms)
    return {
        f"{prefix}_fps": frames / seconds,
        f"{prefix}_cpu_ms_per_frame": 1000 * (thread_seconds(page) - before) / max(1, frames),
        f"{prefix}_worst_frame_ms": worst,
        f"{prefix}_waiting_pct": waiting,
    }


def thread_seconds(page):
    metrics = page.cdp("Performance.getMetrics")["metrics"]
    return next(each["value"] for each in metrics if each["name"] == "TaskDuration")


def measure(url, page, quick):
    figures = {"first_load_kb": first_load(url)}
    page.cdp("Page.addScriptToEvaluateOnNewDocument", source=NOTE_FIRST_LINE)
    page.cdp("Network.setCacheDisabled", cacheDisabled=True)
    times = []
    for _ in range(3 if quick else LOADS):
        page.open(url + "/#/search?from=all")
        page.until(lambda: page.js("return window.firstLineAt > 0"), "the first lines")
        times.append(page.js("return window.firstLineAt"))
    figures["first_lines_ms"] = statistics.median(times)

    figures["hits"] = count = int(
        page.until(
            lambda: " hits ·" in page.text(".status-text") and page.text(".status-text"), "all counts", 120
        )
        .split(" ")[0]
        .replace(",", "")
    )
    with urllib.request.urlopen(f"{url}/api/v1/search?limit=1&offset={count // 2}") as answer:
        line = json.loads(answer.read())["record"]
    request_id = line["context"]["request_id"]
    for name, query in QUERIES.items():
        times = [page.js(ASK, query.replace("{id}", request_id)) for _ in range(2 if quick else 5)]
        figures[f"search_5m_{name}_ms"] = statistics.median(times)
    figures["search_5m_ms"] = statistics.median(figures[f"search_5m_{name}_ms"] for name in QUERIES)

    page.open(url + "/#/search?from=all")
    page.until(lambda: " hits ·" in page.text(".status-text"), "all counts", 120)
    duration_ms = 2000 if quick else 6000
    page.cdp("Performance.enable", timeDomain="threadTicks")
    figures |= scroll(page, 120, duration_ms, "scroll")  # a wheel that does not stop: 5 rows a frame
    figures |= scroll(page, 40_000, duration_ms, "scroll_drag")  # the bar dragged down in three seconds
    return figures


def table(figures):
    for title, name, digits, most, least in MUST_BE:
        value = figures[name]
        good = value <= most if most is not None else value >= least
        aim = f"≤ {most}" if most is not None else f"≥ {least}"
        print(f"{title:<36}{value:>12,.{digits}f}   {aim:<8} {'' if good else 'not met'}")
    for name in QUERIES:
        print(f"  {QUERIES[name]:<34}{figures[f'search_5m_{name}_ms']:>12,.0f}")
    print(
        f"{figures['hits']:,.0f} lines; load average {figures['load_average_before']:.1f} before and "
        f"{figures['load_average_after']:.1f} after"
    )


def main():
    parser = argparse.ArgumentParser(prog="./bench ui", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--bin", default="build/release/taffrail", help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="200 000 lines: to see that it works")
    parser.add_argument("--lines", type=int, help="how many (5 000 000)")
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE", help="the numbers as one flat object")
    arguments = parser.parse_args()
    if absent := browser.missing():
        sys.exit(f"bench: not installed: {', '.join(absent)}")
    binary = str(pathlib.Path(arguments.bin).resolve())
    os.environ["TAFFRAIL_BIN"] = binary
    import harness  # after that: it reads where the program is

    lines = arguments.lines or (200_000 if arguments.quick else 5_000_000)
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="taffrail-bench-ui-") as holder:
        data = str(pathlib.Path(holder) / "data")
        print(f"Importing {lines:,} lines", file=sys.stderr)
        fill(binary, data, lines)
        with harness.serving(data) as server, browser.Browser() as page:
            time.sleep(1)
            figures = measure(server.url, page, arguments.quick)
    figures |= {"load_average_before": before, "load_average_after": os.getloadavg()[0]}
    text = json.dumps({name: round(value, 3) for name, value in figures.items()}, indent=1) + "\n"
    if arguments.json == "-":
        print(text, end="")
        return
    table(figures)
    if arguments.json:
        pathlib.Path(arguments.json).write_text(text)


if __name__ == "__main__":
    main()
