"""Loki's own client for the command line (logcli 2.2.1): each of its commands prints of Taffrail what it
prints of Loki.

Skipped and counted where Loki cannot be built (peer.py).

REQ Q-08, REQ Q-09
"""

import json
import os
import re
import subprocess
import time

import pair
import queries

LINES = [(queries.STREAMS.index({"job": "cron"}), (queries.START + second) * queries.NS,
                 f"run {second} level={'error' if second % 7 == 0 else 'info'}") for second in range(400)]
LINES += [(stream, (queries.START + second) * queries.NS + stream, f"request {second}")
                 for second in range(30) for stream in (0, 1, 3)]
OF_SPAN = ("--from=2023-11-14T22:13:20Z", "--to=2023-11-14T22:23:20Z")
NO_LEVEL = "--exclude-label=detected_level"


class LogcliTest(pair.PairTest):
    """Loki's own client prints of Taffrail what it prints of Loki."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.push_to_both(sorted(LINES, key=lambda each: each[1]))
        cls.now = time.time_ns()
        cls.push_to_both([(7, cls.now - i, f"now {i}") for i in range(50, 0, -1)])

    @staticmethod
    def command(url, *arguments):
        return [str(LogcliTest.programs["logcli"]), f"--addr={url}", "--timezone=UTC", *arguments]

    def run_on(self, url, *arguments):
        done = subprocess.run(self.command(url, *arguments), capture_output=True, text=True, check=False,
                              timeout=pair.SECONDS)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def both(self, *arguments):
        """What it prints of us and of Loki."""
        return [self.run_on(url, *arguments).stdout for url in (self.server.url, self.peer.url)]

    def same(self, *arguments, count):
        ours, peers = self.both(*arguments)
        self.assertEqual(ours, peers)
        self.assertEqual(ours.count("\n"), count)
        return ours

    def test_query(self):
        one = '{job="cron"}'
        for mode in ("default", "raw", "jsonl"):
            for more in ((), ("--forward",)):
                with self.subTest(f"{mode} {more}"):
                    self.same("--quiet", f"--output={mode}", "query", one, *OF_SPAN, NO_LEVEL, *more,
                              count=30)
        newest = self.same("--output=raw", "--quiet", "query", one, *OF_SPAN, "--limit=3", NO_LEVEL, count=3)
        self.assertEqual(newest.split("\n")[0], "run 399 level=error")
        self.same("--quiet", "query", one + ' |= "error"', *OF_SPAN, "--limit=1000", NO_LEVEL, count=58)
        self.same("--quiet", "query", '{app=~".+"}', *OF_SPAN, "--limit=90", NO_LEVEL, count=90)
        self.same("--quiet", "query", '{app=~".+"}', *OF_SPAN, "--limit=90", "--no-labels", count=90)
        self.same("--quiet", "query", '{app=~".+"}', *OF_SPAN, "--include-label=app",
                  "--labels-length=60", NO_LEVEL, count=30)
        self.same("--quiet", "query", one, *OF_SPAN, "--interval=10s", "--limit=1000", NO_LEVEL, count=40)

    def test_query_with_stages(self):
        parsed = r'{job="cron"} | regexp `run (?P<n>\d+) level=(?P<level>\w+)` | n >= 390'
        for mode in ("default", "raw", "jsonl"):
            with self.subTest(mode):
                self.same("--quiet", f"--output={mode}", "query", parsed, *OF_SPAN, NO_LEVEL, count=10)
        self.same("--quiet", "query", parsed, *OF_SPAN, "--include-label=n", "--colored-output", count=10)
        template = ' | line_format "{{.level | ToUpper}} {{.n}}"'
        made = self.same("--quiet", "--output=raw", "query", parsed + template, *OF_SPAN, "--limit=1",
                         count=1)
        self.assertEqual(made, "ERROR 399\n")
        wrong = '{job="cron"} | logfmt | level > 1 | __error__="LabelFilterErr"'  # does not convert
        self.same("--quiet", "query", wrong, *OF_SPAN, "--no-labels", count=30)

    def test_wrong_queries(self):
        for query in ("{job=", '{job="cron"} | json |', 'sum_over_time({job="cron"}[1m])'):
            for url in (self.server.url, self.peer.url):
                done = subprocess.run(self.command(url, "--quiet", "query", query, *OF_SPAN), text=True,
                                      capture_output=True, check=False, timeout=pair.SECONDS)
                self.assertNotEqual(done.returncode, 0, query)
                self.assertIn("parse error", done.stderr)

    def test_address_and_tenant(self):
        outs = []
        for url in (self.server.url, self.peer.url):
            command = self.command(url, "--quiet", "--org-id=team", "labels", "job", *OF_SPAN)
            command = [each for each in command if not each.startswith("--addr")]
            done = subprocess.run(command, text=True, capture_output=True, check=True, timeout=pair.SECONDS,
                                  env={**os.environ, "LOKI_ADDR": url})
            outs.append(done.stdout)
        self.assertEqual(outs, ["cron\n", "cron\n"])

    def test_query_in_batches(self):
        for more in ((), ("--forward",)):
            self.same("--quiet", "--output=raw", "query", '{job="cron"}', *OF_SPAN, "--limit=350",
                      "--batch=100", *more, count=350)

    def test_common_labels_and_metadata(self):
        done = self.run_on(self.server.url, "query", '{app="api", env="prod"}', *OF_SPAN)
        self.assertIn('Common labels: {app="api", detected_level="unknown", env="prod"}', done.stderr)

    def test_query_of_metrics(self):
        query = 'sum by (app) (count_over_time({app=~".+"}[1m]))'
        texts = self.both("--quiet", "query", query, *OF_SPAN, "--step=20s")
        points = [pair.points_of({"resultType": "matrix", "result": json.loads(text)}) for text in texts]
        self.assertEqual(points[0], points[1])
        self.assertGreater(len(points[0]), 6)
        parsed = r'{job="cron"} | regexp `run (?P<n>\d+) level=(?P<level>\w+)`'
        unwrapped = f"max by (level) (max_over_time({parsed} | unwrap n [1m]))"
        texts = self.both("--quiet", "query", unwrapped, *OF_SPAN, "--step=30s")
        points = [pair.points_of({"resultType": "matrix", "result": json.loads(text)}) for text in texts]
        self.assertEqual(points[0], points[1])
        self.assertIn((1700000390.0, (("level", "info"),)), points[0])

    def test_instant_query(self):
        # This client sends its time under a name that the API has not; both answer for now.
        query = 'sum(count_over_time({env="stage"}[1h]))'
        for each in (query, query + " > 1", "1 + 1"):
            ours, peers = (json.loads(out) for out in self.both("--quiet", "instant-query", each))
            values = [side[0]["value"][1] if isinstance(side[0], dict) else side[1] for side in (ours, peers)]
            self.assertEqual(values[0], values[1])

    def test_statistics(self):
        texts = [self.run_on(url, "--stats", "--quiet", "query", '{job="cron"}', *OF_SPAN).stderr
                 for url in (self.server.url, self.peer.url)]
        names = [re.findall(r"^([A-Z]\w+\.\w+)", text, re.MULTILINE) for text in texts]
        self.assertEqual(names[0], names[1])
        self.assertRegex(texts[0], r"Summary.TotalLinesProcessed\s+[1-9]")

    def test_labels(self):
        ours, peers = self.both("--quiet", "labels", *OF_SPAN)
        self.assertEqual(ours, peers.replace("__name__\n", ""))  # which 2.2 gives every stream within
        self.same("--quiet", "labels", "job", *OF_SPAN, count=1)
        self.same("--quiet", "labels", "app", OF_SPAN[0], count=3)  # to now: 2.2 tells of its newest always
        ours, peers = self.both("--quiet", "labels", "nothing", *OF_SPAN)
        self.assertEqual(ours, peers)

    def test_series(self):
        for arguments in (('{app="api"}',), ('{app=~".+"}', "--analyze-labels"), ("{}",),
                          ("{}", "--analyze-labels")):
            ours, peers = self.both("--quiet", "series", *arguments, *OF_SPAN)
            self.assertEqual(sorted(ours.split("\n")), sorted(peers.split("\n")), arguments)
            self.assertGreater(ours.count("\n"), 1)

    def test_tail(self):
        command = self.command(self.server.url, "--output=raw", "--quiet", "query", "--tail", "--delay-for=0",
                               '{env="stage"} |= "w"')
        tail = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.addCleanup(tail.stdout.close)
        self.addCleanup(tail.wait)
        self.addCleanup(tail.kill)
        history = [tail.stdout.readline() for _ in range(30)]  # the newest, as --limit says
        self.assertEqual(history[-1], "now 1\n")
        self.us.push([(7, time.time_ns() + i, f"live w{i}") for i in range(5)])
        self.assertEqual([tail.stdout.readline() for _ in range(5)], [f"live w{i}\n" for i in range(5)])


if __name__ == "__main__":
    pair.main()
