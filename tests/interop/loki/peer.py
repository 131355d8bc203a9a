"""The real Loki beside us: built by Go from the module here, and run on a port of its own.

Loki 2.2.1, of April 2021, is the last under the Apache License (docs/decisions/0031-…). Nothing of it comes
into Taffrail; these are two programs of a test.
"""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
VERSION = re.search(r"grafana/loki (v\S+)", (HERE / "go.mod").read_text())[1]
KEPT = HERE.parents[2] / "build/interop/loki" / VERSION  # building takes minutes, so it is done once
NAMES = ("loki", "logcli")
PATIENCE_SECONDS = 1500  # from nothing, on one core

CONFIG = """
auth_enabled: false
server:
  http_listen_address: 127.0.0.1
  http_listen_port: {http}
  grpc_listen_address: 127.0.0.1
  grpc_listen_port: {grpc}
  log_level: error
ingester:
  lifecycler:
    address: 127.0.0.1
    ring: {{kvstore: {{store: inmemory}}, replication_factor: 1}}
    final_sleep: 0s
    min_ready_duration: 0s
  max_transfer_retries: 0
  chunk_idle_period: 100h
  max_chunk_age: 10000h
schema_config:
  configs:
    - {{from: 2018-04-15, store: boltdb, object_store: filesystem, schema: v11,
       index: {{prefix: index_, period: 168h}}}}
storage_config:
  boltdb: {{directory: {root}/index}}
  filesystem: {{directory: {root}/chunks}}
limits_config:
  enforce_metric_name: false
  reject_old_samples: false
  ingestion_rate_mb: 64
  ingestion_burst_size_mb: 64
  max_query_series: 100000
"""


def programs():
    """{name: path} of Loki's programs; a skip when they cannot be built here."""
    paths = {name: KEPT / name for name in NAMES}
    if all(path.is_file() for path in paths.values()):
        return paths
    if shutil.which("go") is None:
        raise unittest.SkipTest("Go is not installed")
    KEPT.mkdir(parents=True, exist_ok=True)
    # Code generated for protocol buffers takes gigabytes to compile, so one package at a time.
    command = ["go", "build", "-p", "1", "-o", f"{KEPT}/",
               *(f"github.com/grafana/loki/cmd/{name}" for name in NAMES)]
    environment = {**os.environ, "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local"}
    try:
        built = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=PATIENCE_SECONDS,
                               env=environment, check=False)
    except subprocess.TimeoutExpired:
        raise unittest.SkipTest("Loki took too long to build; what was built is kept") from None
    if built.returncode != 0:
        raise unittest.SkipTest("Loki cannot be built here: " + built.stderr[-300:])
    return paths


def _free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Peer:
    """Loki as one process, its data in a directory that goes away."""

    def __init__(self, program):
        self.holder = tempfile.TemporaryDirectory(prefix="taffrail-loki-")
        root = pathlib.Path(self.holder.name)
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        config = root / "loki.yaml"
        config.write_text(CONFIG.format(http=port, grpc=_free_port(), root=root))
        self.log = (root / "log").open("w+b")
        self.process = subprocess.Popen([str(program), f"-config.file={config}"], cwd=root,
                                        stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 60
        while not self._ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.log.seek(0)
                said = self.log.read().decode(errors="replace")[-2000:]
                self.stop()
                raise AssertionError(f"Loki did not start: {said}")
            time.sleep(0.2)

    def _ready(self):
        try:
            with urllib.request.urlopen(self.url + "/ready", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def stop(self):
        self.process.kill()  # what it keeps goes away with it
        self.process.wait()
        self.log.close()
        self.holder.cleanup()


if __name__ == "__main__":
    print(programs(), file=sys.stderr)
