"""taffrail search, trail and stats: the same answers from files, a store and a server, in every format."""

import csv
import io
import json
import os
import subprocess
import unittest

import harness
from harness import BIN, CHECK_FAILED, DAMAGED, DONE, TestCase, environment, run, serving

LINES = [
    {"timestamp": "2025-10-30T14:00:02Z", "level": "ERROR", "service": "worker", "message": "failed",
     "context": {"request_id": "req_aaa"}, "metadata": {"duration_ms": 1500}},
    {"timestamp": "2025-10-30T14:00:00Z", "level": "INFO", "service": "api", "message": "started",
     "context": {"request_id": "req_aaa"}},
    {"timestamp": "2025-10-30T14:00:01Z", "level": "INFO", "service": "api", "message": "日本 started",
     "context": {"request_id": "req_bbb"}, "metadata": {"duration_ms": 15}},
]
TEXT = b"plain text, which has no time of its own"


def ndjson(records):
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


class Everywhere(TestCase):
    def setUp(self):
        super().setUp()
        self.file = self.write("app.log", ndjson(LINES) + TEXT + b"\n")
        self.store = self.dir / "store"
        self.ok("import", "--data", self.store, self.file)

    def everywhere(self, *arguments):
        """The answer of files, which must be that of a store and of a server too."""
        of_files = self.ok("search", *arguments, self.file)
        self.assertEqual(self.ok("search", "--data", self.store, *arguments), of_files)
        with serving(self.store) as server:
            self.assertEqual(self.ok("search", "--url", server.url, *arguments), of_files)
            self.assertEqual(self.ok("search", *arguments, env={"TAFFRAIL_URL": server.url}), of_files)
        return of_files

    def test_order_is_time_then_arrival(self):  # REQ P-03 REQ Q-05
        found = self.everywhere("service:api OR service:worker", "--format", "raw")
        seconds = [json.loads(line)["timestamp"][-3:] for line in found.splitlines()]
        self.assertEqual(seconds, ["00Z", "01Z", "02Z"])

    def test_filters_phrases_ranges_and_words(self):
        for query, expected in [("level:ERROR service:worker", 1), ('"started"', 2), ("req_aaa", 2),
                                ("plain", 1), ("metadata.duration_ms:>100", 1),
                                ("-level:ERROR level:INFO", 2), ("nothing_like_it", 0)]:
            found = self.everywhere(query, "--format", "raw")
            self.assertEqual(found.count(b"\n"), expected, query)

    def test_notes_on_stderr(self):  # REQ Q-04
        with serving(self.store) as server:
            for place in ([self.file], ["--data", self.store], ["--url", server.url]):
                for form in ("raw", "pretty", "csv"):
                    done = run("search", "servcie:api", "--format", form, *place)
                    self.assertEqual(done.returncode, DONE)
                    note = 'note: no line in the range has a field "servcie"; did you mean "service"?\n'
                    self.assertEqual(done.stderr.decode(), note, (place, form))
                self.assertEqual(run("-q", "search", "servcie:api", *place).stderr, b"")
                done = run("search", "--lang", "jq", ".message + {}", "--format", "pretty", *place)
                self.assertIn(b"note: the jq filter failed for 4 lines; first: ", done.stderr)

    def test_many_distinct_values_are_estimated_and_it_says_so(self):  # REQ Q-05
        def count(values):
            big = self.write("big.log", b"".join(b'{"u":"user-%d"}\n' % n for n in range(values)) * 2)
            done = run("search", "* | stats count_distinct(u) as n", "--format", "csv", big)
            return int(done.stdout.split()[1]), done.stderr.decode()
        self.assertEqual(count(100_000), (100_000, ""))
        number, note = count(110_000)
        self.assertAlmostEqual(number, 110_000, delta=2_750)
        self.assertEqual(note, "note: count_distinct of more than 100000 values is an estimate "
                               "(HyperLogLog, error 0.8 %)\n")

    def test_logql(self):  # REQ Q-01
        query = '{} |= "req_aaa" | json | level="ERROR"'
        found = self.everywhere("--lang", "logql", query, "--format", "raw")
        self.assertEqual([json.loads(line)["message"] for line in found.splitlines()], ["failed"])

    def test_elastic(self):  # REQ Q-03
        query = ('{"query":{"bool":{"filter":[{"match":{"level":"error"}},'
                 '{"query_string":{"query":"req_aaa"}}]}}}')
        found = self.everywhere("--lang", "elastic", query, "--format", "raw")
        self.assertEqual([json.loads(line)["message"] for line in found.splitlines()], ["failed"])
        newest = '{"sort":[{"@timestamp":"desc"}],"size":1,"query":{"exists":{"field":"service"}}}'
        found = self.everywhere("--lang", "elastic", newest, "--format", "raw")
        self.assertEqual([json.loads(line)["timestamp"][-3:] for line in found.splitlines()], ["02Z"])

    def test_time_range(self):
        found = self.everywhere("service:api OR service:worker", "--from", "2025-10-30T14:00:01Z", "--to",
                                "2025-10-30T14:00:02Z", "--format", "raw")
        self.assertEqual(json.loads(found)["message"], "日本 started")

    def test_last_gives_the_newest_in_order_of_time(self):
        found = self.everywhere("service:*", "--last", "2", "--format", "raw")
        self.assertEqual([json.loads(line)["timestamp"][-3:] for line in found.splitlines()], ["01Z", "02Z"])
        self.assertEqual(run("search", "* | count", "--last", "2", self.file).returncode, harness.USAGE)
        both = run("search", "*", "--last", "2", "--limit", "2", self.file)
        self.assertEqual(both.returncode, harness.USAGE)

    def test_limit(self):
        self.assertEqual(self.everywhere("*", "--limit", "2", "--format", "raw").count(b"\n"), 2)

    def test_ndjson_is_json(self):
        with serving(self.store) as server:
            for place in (["--data", self.store], ["--url", server.url]):
                found = self.ok("search", *place, "*", "--format", "ndjson").splitlines()
                self.assertEqual(len(found), 4)
                self.assertEqual(json.loads(found[0])["record"]["message"], "started")

    def test_json_is_one_document(self):
        document = json.loads(self.ok("search", "*", self.file, "--format", "json"))
        self.assertEqual(len(document["records"]), 4)

    def test_csv_and_table(self):
        fields = "service,metadata.duration_ms,message"
        text = self.everywhere("service:*", "--format", "csv", "--fields", fields).decode()
        self.assertEqual(list(csv.reader(io.StringIO(text))),
                         [fields.split(","), ["api", "", "started"], ["api", "15", "日本 started"],
                          ["worker", "1500", "failed"]])
        table = self.everywhere("service:*", "--format", "table", "--fields", "message,level").decode()
        self.assertEqual(table, "message       level\nstarted       INFO\n日本 started  INFO\n"
                                "failed        ERROR\n")

    def test_pretty(self):
        text = self.everywhere("service:*", "--format", "pretty").decode()
        self.assertIn("14:00:02.000 ERROR    worker  failed context.request_id=req_aaa "
                      "metadata.duration_ms=1500", text)
        self.assertNotIn("\x1b", text)
        colored = self.ok("search", "*", self.file, "--format", "pretty", "--color", "always")
        self.assertIn(b"\x1b[31m", colored)

    def test_explain(self):  # REQ Q-05
        for place in (["--data", self.store], [self.file]):
            text = self.ok("search", "level:ERROR", *place, "--explain").decode()
            self.assertIn("plan", text)
            self.assertIn('equal(level, "ERROR")', text)
            self.assertNotIn("failed", text)

    def test_fail_empty(self):
        with serving(self.store) as server:
            for place in (["--data", self.store], [self.file], ["--url", server.url]):
                for words, code in [(["nothing_like_it", "--fail-empty"], CHECK_FAILED),
                                    (["nothing_like_it"], DONE), (["failed", "--fail-empty"], DONE)]:
                    self.assertEqual(run("search", *words, *place).returncode, code)

    def test_the_query_may_stand_last(self):
        first = self.ok("search", "level:ERROR", self.file)
        self.assertEqual(self.ok("search", self.file, "level:ERROR"), first)

    def test_a_query_that_begins_with_a_dash(self):
        for words in (["-service:api", self.file], [self.file, "--", "-service:api"]):
            found = self.ok("search", "--format", "raw", *words)
            self.assertNotIn(b'"api"', found)
            self.assertIn(b"worker", found)

    def test_stdin(self):
        self.assertEqual(self.ok("search", "req_bbb", "-", stdin=ndjson(LINES)).count(b"\n"), 1)

    def test_trail(self):  # REQ C-06
        with serving(self.store) as server:
            for place in (["--data", self.store], [self.file], ["--url", server.url]):
                text = self.ok("trail", "req_aaa", *place).decode()
                self.assertIn("2 lines", text)
                self.assertLess(text.index("started"), text.index("failed"))
                document = json.loads(self.ok("trail", "req_aaa", *place, "--format", "json"))
                self.assertEqual(document["lines"], 2)
                self.assertEqual([event["offset_ms"] for event in document["events"]], [0, 2000])
                self.assertEqual(run("trail", "req_zzz", *place, "--fail-empty").returncode, CHECK_FAILED)

    def test_trail_shows_hops_and_where_time_went(self):  # REQ C-06
        for language, bar in (("C.UTF-8", "█"), ("C", "#")):
            env = {**environment(), "LC_ALL": language, "COLUMNS": "120"}
            done = subprocess.run([BIN, "trail", "req_aaa", self.file], capture_output=True, env=env,
                                  timeout=harness.SECONDS)
            text = done.stdout.decode()
            self.assertIn(bar, text)
            self.assertRegex(text, r"worker +1\.5 s .*1\.5 s of its own, 1 error")
            self.assertRegex(text, r"where time went +worker 1\.5 s \(75 %\)")
            self.assertIn("silent            500 ms from 0.0 ms on, after api, before worker", text)
        shape = json.loads(self.ok("trail", "req_aaa", "--json", self.file))
        self.assertEqual([(hop["service"], hop["inferred"], hop["errors"]) for hop in shape["hops"]],
                         [("api", True, 0), ("worker", True, 1)])
        self.assertEqual(shape["pauses"][0]["duration_ms"], 500)

    def test_patterns(self):  # REQ Q-10
        expected = self.ok("patterns", "service:*", "--format", "json", self.file)
        self.assertEqual(self.ok("patterns", "service:*", "--format", "json", "--data", self.store), expected)
        with serving(self.store) as server:
            asked = self.ok("patterns", "service:*", "--format", "json", "--url", server.url)
        self.assertEqual(asked, expected)
        found = {each["pattern"]: each["lines"] for each in json.loads(expected)["patterns"]}
        self.assertEqual(found, {"failed": 1, "started": 1, "日本 started": 1})
        table = self.ok("patterns", "service:*", "--new-since", "2025-10-30T14:00:02Z", self.file).decode()
        self.assertRegex(table, r"1 +new +2025-10-30T14:00:02 +2025-10-30T14:00:02 +failed")
        self.assertEqual(table.count(" new "), 2)  # the heading is one
        self.assertEqual(len(self.ok("patterns", "--limit", "1", "*", self.file).splitlines()), 2)
        self.assertEqual(self.ok("patterns", "--anomalies", "*", self.file), b"")
        said = [(n, f"beat {n}") for n in range(30)] + [(25, "database is away")] * 40
        storm = self.write("storm.ndjson", ndjson(
            [{"timestamp": f"2025-10-30T14:00:{n:02}Z", "message": message} for n, message in said]))
        table = self.ok("patterns", "--anomalies", "*", storm).decode().splitlines()
        self.assertEqual(len(table), 2)
        self.assertRegex(table[1], r"^ *40 .* 2025-10-30T14:00:25: 40, usually 0 +database is away$")
        self.fails(harness.USAGE, "patterns", "*", "--from", "2025-10-30T14:00:02Z", "--new-since",
                   "2025-10-30T14:00:01Z", self.file)

    def test_trail_documents_are_the_same(self):
        local = json.loads(self.ok("trail", "req_aaa", "--data", self.store, "--format", "json"))
        with serving(self.store) as server:
            remote = json.loads(self.ok("trail", "req_aaa", "--url", server.url, "--format", "json"))
        self.assertEqual(local, remote)

    def test_stats(self):
        with serving(self.store) as server:
            for place in (["--data", self.store], ["--url", server.url]):
                text = self.ok("stats", *place, "--hours", "80000").decode()
                self.assertIn("4 lines", text)
                self.assertIn("worker", text)
                document = json.loads(self.ok("stats", *place, "--hours", "80000", "--format", "json"))
                self.assertEqual(document["by_level"]["INFO"], 2)


class Pipes(TestCase):
    def test_a_reader_that_goes_away_is_no_error(self):
        path = self.write("many.log", b"".join(b"line %d %s\n" % (n, b"x" * 200) for n in range(50_000)))
        process = subprocess.Popen([BIN, "search", "*", path, "--limit", "0"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=environment())
        process.stdout.readline()
        process.stdout.close()
        self.assertEqual(process.stderr.read(), b"")
        process.stderr.close()
        self.assertEqual(process.wait(timeout=harness.SECONDS), DONE)

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_a_full_disk_is(self):
        path = self.write("a.log", b"line\n")
        with open("/dev/full", "wb") as full:
            result = subprocess.run([BIN, "search", "*", path], stdout=full, stderr=subprocess.PIPE,
                                    check=False, env=environment())
        self.assertEqual(result.returncode, harness.UNREACHABLE)
        self.assertIn(b"No space left", result.stderr)


class Stores(TestCase):
    def setUp(self):
        super().setUp()
        self.store = self.dir / "store"
        self.ok("import", "--data", self.store, self.write("app.log", ndjson(LINES)))

    def test_info(self):
        self.assertIn("3", self.ok("store", "info", self.store).decode())
        self.assertEqual(json.loads(self.ok("store", "info", self.store, "--format", "json"))["rows"], 3)

    def test_compact_and_verify(self):
        self.ok("store", "compact", self.store)
        self.assertIn("all good", self.ok("store", "verify", self.store).decode())
        info = json.loads(self.ok("store", "info", self.store, "--format", "json"))
        self.assertEqual(len(info["parts"]), 1)

    def test_damage_is_found_and_repaired(self):  # REQ D-02
        self.ok("store", "compact", self.store)
        files = [path for path in self.store.rglob("*") if path.is_file()]
        part = max(files, key=lambda path: path.stat().st_size)
        content = bytearray(part.read_bytes())
        content[len(content) // 3] ^= 0x55
        part.write_bytes(content)
        result = run("store", "verify", self.store)
        self.assertEqual(result.returncode, DAMAGED, result.stdout)
        self.assertIn(b"store repair", result.stderr)
        self.ok("store", "repair", self.store)
        self.ok("store", "verify", self.store)

    def test_doctor(self):  # REQ P-07
        findings = json.loads(run("doctor", "--data", self.store, "--deep", "--format", "json").stdout)
        by_subject = {finding["subject"]: finding for finding in findings}
        self.assertEqual(by_subject["store"]["health"], "good")
        self.assertEqual(by_subject["blocks"]["health"], "good")
        os.chmod(self.store, 0o755)
        text = self.ok("doctor", "--data", self.store).decode()
        self.assertIn("chmod 0750", text)


if __name__ == "__main__":
    harness.main()
