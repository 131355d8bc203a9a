"""Sends a file of lines to a server, in bodies that were cut before the clock started."""

import mmap
import threading
import time

from connection import Connection

CONNECTIONS = 2
BODY_BYTES = 2 << 20


def cut(path):
    """Places [begin, end) of about BODY_BYTES that end with a line."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        bodies, begin = [], 0
        while begin < len(data):
            end = data.find(b"\n", min(begin + BODY_BYTES, len(data) - 1)) + 1
            end = end or len(data)
            bodies.append((begin, end))
            begin = end
        return bodies


def send(server, path, bodies):
    """Seconds until the last body was acknowledged."""
    todo = iter(bodies)
    lock = threading.Lock()
    failures = []

    def work():
        connection = Connection(server.port)
        with open(path, "rb") as file:
            while not failures:
                with lock:
                    body = next(todo, None)
                if body is None:
                    break
                try:
                    status, text = connection.post_file(server.ingest, file, *body)
                except OSError as error:
                    status, text = 0, str(error)
                if not 200 <= status < 300:
                    failures.append(f"{server.title} answered {status}: {text[:300]}")
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(failures[0])
    return time.monotonic() - begin


def measure(server, path, bodies):
    wall_s = send(server, path, bodies)
    server.settle()
    return {
        "ingest_wall_s": wall_s,
        "ingest_cpu_s": server.cpu_s(),
        "peak_rss_mb": server.peak_rss_mb(),
    }
