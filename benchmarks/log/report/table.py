"""The table: figures down, contestants across, and for each of ours what it must be."""

import dataclasses
import os
import platform

import contestants as who


@dataclasses.dataclass(frozen=True)
class Row:
    title: str
    key: str  # ours; a peer's has its prefix before it
    digits: int = 1
    floor: str = ""  # the floor's key, where there is one
    most: float = None  # ours must be no more than this …
    least: float = None  # … no less than this …
    of_floor: float = None  # … no more than so many times the floor

    def must_be(self, figures):
        if self.of_floor is not None:
            return f"≤ {self.of_floor} × floor", figures[self.key] <= self.of_floor * figures[self.floor]
        if self.least is not None:
            return f"≥ {self.least:,.0f}", figures[self.key] >= self.least
        if self.most is not None:
            return f"≤ {self.most:g}", figures[self.key] <= self.most
        return "", None


ROWS = [
    Row("W1 call, p50, ns", "w1_call_p50_ns", 1, "floor_p50_ns", of_floor=1.1),
    Row("W1 call, p99.9, ns", "w1_call_p999_ns", 1, "floor_p999_ns", of_floor=1.1),
    Row("  4 threads, p50, ns", "w1_call_4t_p50_ns", 1, "floor_4t_p50_ns", of_floor=1.1),
    Row("  4 threads, p99.9, ns", "w1_call_4t_p999_ns", 1, "floor_4t_p999_ns", of_floor=1.1),
    Row("disabled call, ns", "disabled_call_ns", 2, most=1),
    Row("W1 lines a second", "w1_lines_per_s", 0, least=3_200_000),
    Row("CPU a W1 line, ns", "w1_cpu_ns_per_line", 0, most=250),
    Row("bytes a line", "bytes_per_line", 0),
    Row("idle, % of a core", "idle_cpu_pct", 2, most=0.5),
    Row("at 100 000/s, % of a core", "paced_100k_cpu_pct", 1, most=6),
    Row("peak memory of the burst, MB", "rss_mb", 1, most=32),
    Row("lost of 50 000: kill -9, fast", "lost_kill_fast", 0, most=0),
    Row("  kill -9, paced", "lost_kill_paced", 0, most=0),
    Row("  kill -9, idle", "lost_kill_idle", 0, most=0),
    Row("  SIGSEGV", "lost_sigsegv", 0, most=0),
    Row("there twice, any of these", "twice", 0, most=0),
    Row("torn, any of these", "torn", 0, most=0),
    Row("out of order, any of these", "disordered", 0, most=0),
    Row("header over an empty file, ms", "compile_header_ms", 0, most=300),
    Row("file of 20 calls over an empty one, ms", "compile_20_calls_ms", 0),
    Row("service: throughput lost, %", "service_throughput_loss_pct", 2, most=1),
    Row("  p99 lost, %", "service_p99_loss_pct", 2, most=5),
    Row("  memory gained, %", "service_memory_gain_pct", 2, most=10),
]


def with_sums(figures):
    """What the table says in one row and the JSON in four."""
    sums = dict(figures)
    for contestant in [who.OURS] + who.PEERS:
        for what in ("twice", "torn", "disordered"):
            begins = (f"{contestant.prefix}{what}_kill", f"{contestant.prefix}{what}_sigsegv")
            parts = [value for name, value in figures.items() if name.startswith(begins)]
            if parts:
                sums[contestant.prefix + what] = sum(parts)
    return sums


def print_table(bench, with_peers, figures, out):
    figures = with_sums(figures)
    shown = [peer for peer in who.PEERS if with_peers]
    header = ["", "must be", "", "taffrail", "floor"] + [peer.title for peer in shown]
    lines = [header]
    for row in ROWS:
        if row.key not in figures:
            continue
        text, met = row.must_be(figures)

        def cell(name):
            return f"{figures[name]:,.{row.digits}f}" if name in figures else "–"

        peers = [cell(peer.prefix + row.key) if bench.has(peer) else "not installed" for peer in shown]
        lines.append([row.title, text, {True: "met", False: "MISSED", None: ""}[met], cell(row.key),
                      cell(row.floor) if row.floor else "", *peers])
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    for line in lines:
        cells = [text.ljust(width) if i < 3 else text.rjust(width)
                 for i, (text, width) in enumerate(zip(line, widths))]
        print("  ".join(cells).rstrip(), file=out)


# The same figures with the queue in memory alone: those of the parts that were measured.
IN_MEMORY = [
    ("w1_call_p50_ns", "call p50 {:.1f} ns"),
    ("w1_call_p999_ns", "p99.9 {:.1f} ns"),
    ("w1_lines_per_s", "{:,.0f} lines a second"),
    ("w1_cpu_ns_per_line", "{:.0f} ns a line"),
    ("rss_mb", "{:.1f} MB"),
]


def print_beside(figures, out):
    """What is worth knowing beside the targets."""
    if "floor_shared_p50_ns" in figures:
        for infix in ("", "4t_"):
            threads = "4 threads" if infix else "1 thread"
            floors = []
            for contestant in who.FLOORS:
                p50, p999 = (figures[f"{contestant.prefix}{infix}{name}"] for name in ("p50_ns", "p999_ns"))
                floors.append(f"{contestant.title} {p50:.1f} / {p999:.1f}")
            print(f"floors, {threads}, p50 / p99.9 ns: {', '.join(floors)}", file=out)
    in_memory = [
        form.format(figures[f"memory_{name}"]) for name, form in IN_MEMORY if f"memory_{name}" in figures
    ]
    if in_memory:
        print(f"taffrail with its queue in memory: {', '.join(in_memory)}", file=out)
    if "service_requests_per_s" in figures:
        print("service: {service_requests_per_s:,.0f} requests a second with logging, "
              "{service_cpu_loss_pct:+.2f} % processor time a request".format(**figures), file=out)


def print_machine(figures, out):
    print("{} cores, {}, Linux {}, load average {:.2f} before and {:.2f} after".format(
        os.cpu_count(), processor(), platform.release(),
        figures["load_average_before"], figures["load_average_after"]), file=out)


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()
