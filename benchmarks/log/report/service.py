"""What logging costs a service at saturation: the example's task service twice, once with its full log in a
file and once with logging off, both idle but the one that is driven. Short turns, on-off-off-on, so that what
the machine does besides hits both alike; each figure is the median over pairs of turns."""

import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import time
import urllib.request

CONNECTIONS = 8  # as many as the service has threads
START_TIMEOUT_S = 30
FIRST_TURN_S = 1  # caches, connections to the database, pages of memory


class Service:
    """A program of examples/, on a port of its own choice, as ./run starts it."""

    def __init__(self, programs, folder, name, program, *arguments):
        port_file = folder / f"{name}.port"
        self.process = subprocess.Popen(
            [programs / program, "--port=0", f"--port-file={port_file}", f"--summary={folder / name}.summary",
             *arguments], env={**os.environ, "OAUTH_CLIENT_SECRET": "of-this-benchmark"})
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (port_file.exists() and port_file.read_text().endswith("\n")):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{program} did not start")
            time.sleep(0.02)
        self.port = int(port_file.read_text())
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def cpu_s(self):
        """Of all its threads, in nanoseconds' precision; /proc/PID/stat counts in hundredths of a second."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def peak_mb(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1000


def log_in(service, programs):
    password = subprocess.run([programs / "traffic", "--password-of", "0"], check=True, capture_output=True)
    body = {"email": "user0@mail.example", "password": password.stdout.decode().strip()}
    request = urllib.request.Request(f"{service.url}/api/v1/login", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=START_TIMEOUT_S) as answer:
        return json.load(answer)["access_token"]


def turn(bench, service, token, seconds):
    """Requests a second, 99th percentile in µs, and the service's processor time a request in µs."""
    cpu_s, begun = service.cpu_s(), time.monotonic()
    done = subprocess.run([bench.programs / "load", str(service.port), token, str(CONNECTIONS), str(seconds)],
                          check=True, capture_output=True)
    result = json.loads(done.stdout)
    wall_s = time.monotonic() - begun
    return {"requests_per_s": result["requests"] / wall_s, "p99_us": result["p99_us"],
            "cpu_us": (service.cpu_s() - cpu_s) * 1e6 / result["requests"]}


def loss_pct(pairs, name, more_is_better=False):
    """How much worse it is with logging, in percent: the median over the pairs."""
    ratios = [off[name] / on[name] if more_is_better else on[name] / off[name] for on, off in pairs]
    return (statistics.median(ratios) - 1) * 100


def measure(programs, bench, plan, note):
    note("the example service, logging on against off")
    pair_count, turn_s = plan.pick((6, 0.5), (40, 1))
    with bench.directory() as folder, contextlib.ExitStack() as services:
        folder = pathlib.Path(folder)

        def start(name, program, *arguments):
            service = Service(programs, folder, name, program, *arguments)
            services.callback(service.stop)
            return service

        provider = start("provider", "oauth_provider", "--log-level=off")
        both = [start(name, "task_service", f"--database={folder}/{name}.db", f"--oauth-url={provider.url}",
                      f"--log-file={folder}/{name}.ndjson", f"--log-level={level}")
                for name, level in (("on", "debug"), ("off", "off"))]
        token = log_in(both[0], programs)
        for service in both:
            turn(bench, service, token, FIRST_TURN_S)
        pairs = []
        for number in range(pair_count):
            order = both if number % 2 == 0 else both[::-1]
            results = {service: turn(bench, service, token, turn_s) for service in order}
            pairs.append((results[both[0]], results[both[1]]))
        peaks_mb = [service.peak_mb() for service in both]
        lines = [(folder / f"{name}.ndjson") for name in ("on", "off")]
        logged = [path.stat().st_size if path.exists() else 0 for path in lines]
    if logged[0] == 0 or logged[1] != 0:
        raise RuntimeError(f"the service logged {logged[0]} bytes when on and {logged[1]} when off")
    return {"service_throughput_loss_pct": loss_pct(pairs, "requests_per_s", more_is_better=True),
            "service_p99_loss_pct": loss_pct(pairs, "p99_us"),
            "service_cpu_loss_pct": loss_pct(pairs, "cpu_us"),
            "service_memory_gain_pct": (peaks_mb[0] / peaks_mb[1] - 1) * 100,
            "service_rss_mb": peaks_mb[0], "service_off_rss_mb": peaks_mb[1],
            "service_requests_per_s": statistics.median(on["requests_per_s"] for on, _ in pairs)}
