"""The stores that are compared: how each is started, fed, asked, and found to be at rest."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse

from connection import Connection

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
FIRST_PORT = int(os.environ.get("TAFFRAIL_BENCH_PORT", 4890))
START_S = 30


def free_port():
    for port in range(FIRST_PORT, FIRST_PORT + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise SystemExit(f"no free port from {FIRST_PORT} on; TAFFRAIL_BENCH_PORT says where to look")


class Server:
    """One process with a directory of its own. The subclasses say what is particular."""

    title = prefix = ingest = ""

    def __init__(self, data, binary):
        self.data = pathlib.Path(data)
        self.binary = binary
        self.process = None

    def command(self):
        raise NotImplementedError

    def start(self):
        self.port = free_port()
        self.process = subprocess.Popen(self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + START_S
        while True:
            try:
                connection = Connection(self.port)
                status, _ = connection.get(self.health)
                connection.close()
                if status == 200:
                    return self
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{self.title} does not start: {' '.join(map(str, self.command()))}")
            time.sleep(0.01)

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def cpu_s(self):
        """User and system time so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def peak_rss_mb(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def settle(self):
        """Until flushes and merges are done: the process does next to nothing for twice half a second."""
        quiet = 0
        deadline = time.monotonic() + 120
        while quiet < 2 and time.monotonic() < deadline:
            before = self.cpu_s()
            time.sleep(0.5)
            quiet = quiet + 1 if self.cpu_s() - before <= 0.02 and not self.busy() else 0

    def busy(self):
        """Whether it says itself that it is at work."""
        return False

    def merge_all(self):
        """When it is stopped: what its merges would come to if nothing came any more."""

    def disk_bytes(self):
        return sum(path.stat().st_size for path in self.data.rglob("*") if path.is_file())

    def forget_cached_files(self):
        """Out of the kernel's cache, so that the first read is one from the disk."""
        for path in self.data.rglob("*"):
            if path.is_file():
                with open(path, "rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


class Taffrail(Server):
    title, prefix, health = "taffrail", "", "/healthz"
    ingest = "/api/v1/ingest?time_field=timestamp&message_field=message&stream_fields=service"

    def command(self):
        return [self.binary, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}"]

    def busy(self):
        """A merge that keeps to its pace of writing takes next to no processor time."""
        connection = Connection(self.port)
        _, metrics = connection.get("/metrics")
        connection.close()
        return b"\ntaffrail_store_busy 1" in metrics

    def merge_all(self):
        subprocess.run([self.binary, "store", "compact", "--quiet", self.data], check=True)

    def target(self, query):
        return "/api/v1/search?" + urllib.parse.urlencode(query.taffrail)

    def tail_target(self, word):
        return "/api/v1/tail?" + urllib.parse.urlencode({"query": word})


class VictoriaLogs(Server):
    title, prefix, health = "VictoriaLogs", "victorialogs_", "/health"
    ingest = "/insert/jsonline?_time_field=timestamp&_msg_field=message&_stream_fields=service"

    def command(self):
        return [self.binary, f"-storageDataPath={self.data}", f"-httpListenAddr=127.0.0.1:{self.port}",
                "-retentionPeriod=100y", "-futureRetention=100y", "-loggerLevel=ERROR"]

    def settle(self):
        connection = Connection(self.port)
        connection.get("/internal/force_flush")
        connection.close()
        super().settle()

    def target(self, query):
        return "/select/logsql/query?" + urllib.parse.urlencode({"query": query.victorialogs})

    def tail_target(self, word):
        return "/select/logsql/tail?" + urllib.parse.urlencode({"query": word})


def find_victorialogs():
    """Its ordinary Go package puts it into Go's directory of programs."""
    go = [os.environ.get("GOBIN"), os.path.join(os.environ.get("GOPATH", os.path.expanduser("~/go")), "bin")]
    for name in ("victoria-logs", "victoria-logs-prod"):
        found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(filter(None, go)))
        if found:
            return found
    return None
