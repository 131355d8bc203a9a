#!/usr/bin/env python3
"""Takes the pictures of docs/ui.md and the README from a running server with the example's traffic (./run):

    tests/ui/take_pictures.py [--url http://127.0.0.1:4880] [--out docs/images]

Packed with pngquant where it is installed.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import time
import urllib.parse
import urllib.request

import browser

WIDTH, HEIGHT = 1280, 800


def ask(url, path, **parameters):
    query = urllib.parse.urlencode(parameters)
    with urllib.request.urlopen(f"{url}{path}?{query}") as answer:
        return answer.read()


def trail_with_error(url):
    """Of a request that went over two services, best one that failed."""
    best = ""
    for query in ("level:ERROR", "logger:job.worker message:succeeded", "service:api"):
        found = ask(url, "/api/v1/search", query=query, limit=60, direction="backward", **{"from": "-1h"})
        for hit in found.splitlines():
            request_id = json.loads(hit)["record"].get("context", {}).get("request_id", "")
            if not request_id:
                continue
            best = best or request_id
            trail = json.loads(ask(url, f"/api/v1/trail/{request_id}"))
            if len(trail["services"]) > 1 and trail["lines"] > 12:
                return request_id
    return best


def take(url, out, since):
    request_id = trail_with_error(url)
    warnings = f"search?q=level%3A%3E%3DWARNING&from={since}"
    slow = f"search?q=level%3A%3E%3DWARNING+logger%3Aperformance.http&from={since}"
    pictures = [
        ("ui-search", False, warnings, None),
        ("ui-search-dark", True, f"search?from={since}", None),
        ("ui-record-dark", True, slow, "j"),
        ("ui-record", False, slow, "j"),
        ("ui-trail", False, f"trail/{request_id}", None),
        ("ui-trail-dark", True, f"trail/{request_id}", None),
        ("ui-live", False, "live", None),
        ("ui-live-dark", True, "live", None),
        ("ui-patterns", False, f"patterns?from={since}", None),
        ("ui-patterns-dark", True, f"patterns?from={since}", None),
        ("ui-dashboard", False, f"dashboards?from={since}", None),
        ("ui-dashboard-dark", True, f"dashboards/Errors?from={since}", None),
        ("ui-audit", False, "audit", None),
        ("ui-audit-dark", True, "audit", None),
        ("ui-health", False, "health", None),
        ("ui-health-dark", True, "health", None),
    ]
    with browser.Browser(WIDTH, HEIGHT) as page:
        for name, dark, address, key in pictures:
            page.set_dark(dark)
            page.open(f"{url}/#/{address}")
            page.find("main .view")
            time.sleep(6 if "live" in name or "health" in name else 2.5)
            if key:
                page.press(key)
                page.until_text(".detail", "Line")
                time.sleep(0.5)
            path = out / f"{name}.png"
            page.screenshot(path)
            if shutil.which("pngquant"):
                subprocess.run(
                    ["pngquant", "--force", "--skip-if-larger", "--ext", ".png", "--speed", "1", "96", path]
                )
            print(f"{path}: {path.stat().st_size // 1000} KB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--url", default="http://127.0.0.1:4880")
    parser.add_argument("--since", default="15m", help="the time range shown: as long as traffic has run")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("docs/images"))
    arguments = parser.parse_args()
    take(arguments.url.rstrip("/"), arguments.out, "-" + arguments.since)


if __name__ == "__main__":
    main()
