"""./bench: which measurements there are, and that ./bench log gives every figure it promises. If they are
good is nothing that a test on a shared machine can judge."""

import json
import math
import pathlib
import re
import subprocess
import sys
import unittest

import harness
from harness import BIN, SOURCE_DIR, USAGE, TestCase

BUILD = pathlib.Path(BIN).resolve().parent
REPORT = SOURCE_DIR / "benchmarks" / "log" / "report"
MINUTE_S = 60  # what --quick may take on an idle machine; it gets five here
FIXED_NAMES = """floor_p50_ns floor_p999_ns w1_call_p50_ns w1_call_p999_ns disabled_call_ns w1_lines_per_s
    w1_cpu_ns_per_line idle_cpu_pct paced_100k_cpu_pct rss_mb lost_kill_fast lost_kill_paced lost_kill_idle
    lost_sigsegv service_throughput_loss_pct service_p99_loss_pct service_memory_gain_pct""".split()

sys.path.insert(0, str(REPORT))
import crash  # noqa: E402  of ./bench log: who judges what a crash left behind


def documented_names():
    """Those of the section's table and of the paragraphs below it; a name with … stands for a family."""
    text = (SOURCE_DIR / "benchmarks" / "README.md").read_text()
    section = text.split("## `./bench log`")[1].split("\n## ")[0]
    table = "\n".join(line.split("|")[1] for line in section.splitlines() if line.startswith("| `"))
    return set(re.findall(r"`(\w+)`", table + section.split("More names:")[1]))


def bench(*arguments):
    return subprocess.run([SOURCE_DIR / "bench", *arguments], capture_output=True, text=True, check=False)


class Dispatch(TestCase):
    def test_what_is_not_there_yet_is_a_usage_error_that_says_so(self):
        for name in ("store", "query", "redact", "audit", "ingest"):
            if (SOURCE_DIR / "benchmarks" / name / "run").exists():
                continue
            result = bench(name)
            self.assertEqual(result.returncode, USAGE, name)
            self.assertIn(name, result.stderr)

    def test_unknown_names_are_refused_with_the_usage(self):
        for arguments in ((), ("nothing",), ("log store",)):
            result = bench(*arguments)
            self.assertEqual(result.returncode, USAGE, arguments)
            self.assertIn("./bench log|", result.stderr)

    def test_help(self):
        self.assertIn("There now: log", bench("--help").stdout)


class Judge(TestCase):
    """Figures for lost lines are worth what their judge sees."""

    @staticmethod
    def lines(numbers):
        return [json.dumps({"message": "Task created successfully", "metadata": {"duration_ms": n}}).encode()
                for n in numbers]

    def test_nothing_wrong(self):
        found = crash.judge(self.lines(range(crash.LINES)) + [b'{"message":"Fatal signal"}'], True)
        self.assertEqual(found, {"lost": 0, "twice": 0, "torn": 0, "disordered": 0})

    def test_each_fault_is_seen(self):
        lines = self.lines(range(crash.LINES))
        for fault, broken in {
            "lost": lines[:-3],
            "twice": lines + lines[7:10],
            "torn": [b'{"message":"Task cre', *lines, b"", lines[0][:-1]],
            "disordered": [*lines[3:], *lines[:3]],
        }.items():
            found = crash.judge(broken, True)
            wanted = 1 if fault == "disordered" else 3  # the one line where the order breaks
            self.assertEqual((found[fault], sum(found.values())), (wanted, wanted), fault)

    def test_text(self):
        whole = [b"I2026 Task created successfully duration_ms=%d path=/api/v1/tasks" % n for n in range(5)]
        found = crash.judge([b"Log file created", *whole, whole[0][:-4]], False)
        self.assertEqual((found["lost"], found["torn"]), (crash.LINES - 5, 1))


@unittest.skipUnless((BUILD / "bench" / "log" / "taffrail").exists(), "only release builds measure")
class Log(TestCase):
    def test_quick_gives_every_documented_figure(self):  # REQ F-01 F-02
        file = self.dir / "log.json"
        command = [sys.executable, REPORT / "main.py", "--build", BUILD, "--quick", "--json", file]
        result = subprocess.run(command, capture_output=True, text=True, timeout=5 * MINUTE_S, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        figures = json.loads(file.read_text())
        self.assertEqual({name for name, value in figures.items()
                          if isinstance(value, bool) or not math.isfinite(value)}, set())
        self.assertEqual(set(FIXED_NAMES) - documented_names(), set())
        self.assertEqual(documented_names() - set(figures), set())
        for name in ("floor_p50_ns", "w1_call_p50_ns", "w1_lines_per_s", "w1_cpu_ns_per_line", "rss_mb"):
            self.assertGreater(figures[name], 0, name)
        self.assertIn("must be", result.stdout)


@unittest.skipUnless((BUILD / "bench" / "store" / "lines").exists(), "only release builds measure")
class Store(TestCase):
    def test_quick_gives_every_fixed_figure(self):  # REQ F-03 F-05
        file = self.dir / "store.json"
        report = SOURCE_DIR / "benchmarks" / "store" / "report" / "main.py"
        command = [sys.executable, report, "--build", BUILD, "--quick", "--lines", "20000", "--no-peers",
                   "--json", file]
        result = subprocess.run(command, capture_output=True, text=True, timeout=5 * MINUTE_S, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        figures = json.loads(file.read_text())
        for name in ("ingest_wall_s", "ingest_cpu_s", "peak_rss_mb", "disk_bytes", "raw_bytes", "id_cold_ms",
                     "id_another_ms", "id_warm_ms", "searchable_ms", "live_ms", "scan_gb_per_core_s",
                     "query_count_all_ms", "query_line_regex_ms"):
            self.assertGreater(figures[name], 0, name)
        self.assertEqual(figures["lines"], 20000)
        self.assertIn("distinct request ids", result.stdout)


@unittest.skipUnless((BUILD / "bench" / "store" / "lines").exists(), "only release builds measure")
class Query(TestCase):
    def test_every_question_has_its_figure(self):  # REQ Q-01 Q-02 Q-03 Q-04 F-05
        file = self.dir / "query.json"
        report = SOURCE_DIR / "benchmarks" / "query" / "report" / "main.py"
        command = [sys.executable, report, "--build", BUILD, "--lines", "20000", "--no-peers", "--json", file]
        result = subprocess.run(command, capture_output=True, text=True, timeout=5 * MINUTE_S, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        figures = json.loads(file.read_text())
        self.assertEqual(figures["lines"], 20000)
        self.assertGreater(figures["first_rows_ms"], 0)
        for name in ("insights-01", "insights-05", "elastic-02", "jq-10", "search-04", "id-field", "id-json"):
            self.assertGreater(figures[f"{name}_ms"], 0, name)
        for name in ("field", "word", "line", "json", "insights", "elastic", "jq"):  # the same lines in each
            self.assertGreater(figures[f"id-{name}_rows"], 0, name)
        self.assertIn("Insights 01-error-rate-by-endpoint", result.stdout)


if __name__ == "__main__":
    harness.main()
