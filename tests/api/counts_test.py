"""Counts, fields, lines around a record, pages of records, performance and audit: the figures are right.

REQ P-01, Q-11
"""

import json
import time

import client


def stamp(seconds_ago):
    moment = time.time() - seconds_ago
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment % 1 * 1000):03d}Z"


def line(ago, **fields):
    return json.dumps({"timestamp": stamp(ago), **fields})


SAME = "2026-01-01T00:00:00.000Z"


class CountsTest(client.ApiTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lines = [
            line(
                600 - n, level=("INFO", "INFO", "ERROR")[n % 3], service="ab"[n % 2], user={"id": n % 7}, n=n
            )
            for n in range(300)
        ]
        lines += [json.dumps({"timestamp": SAME, "service": "same", "n": n}) for n in range(50)]
        lines += [
            line(
                100,
                level="INFO",
                logger="performance.http",
                message="done",
                service="web",
                metadata={
                    "method": "GET",
                    "route": "/a",
                    "status_code": 500 if n == 99 else 200,
                    "duration_ms": n * 10,
                },
            )
            for n in range(100)
        ]
        lines += [
            line(90, logger="integration", metadata={"path": "/x", "status_code": 200, "duration_ms": 9000})
        ]
        lines += [
            line(
                80 - n,
                logger="audit.http",
                message="did",
                metadata={
                    "event": "task_deleted",
                    "actor": f"usr_{n % 2}",
                    "outcome": "failure" if n == 0 else "success",
                    "ip_address": "192.0.2.1",
                },
            )
            for n in range(5)
        ]
        lines += [
            line(70, security_level="audit", event="login", user_id="usr_9", message="by a field of its own")
        ]
        path = "/api/v1/ingest?stream_fields=service"
        taken = json.loads(cls.send(cls, "POST", path, "\n".join(lines) + "\n").body)
        assert taken["accepted"] == len(lines), taken

    def json(self, path, **parameters):
        answer = self.get(path, **parameters)
        self.assertEqual(answer.status, 200, answer.body)
        return json.loads(answer.body)

    def test_a_field_that_no_line_has_is_told(self):  # REQ Q-04
        for lang, query, field, meant in [
            ("search", "servcie:web", "servcie", ["service"]),
            ("search", "* | count by servcie", "servcie", ["service"]),
            ("logql", '{srvice="pat"}', "srvice", ["service"]),
            ("logql", '{service=~".+"} | json | metadata_rout="/a"', "metadata_rout", ["metadata_route"]),
            ("insights", "filter duration_ms > 1e9", "duration_ms", ["metadata.duration_ms"]),
            ("elastic", '{"query":{"term":{"User.Id":12}}}', "User.Id", ["user.id"]),
        ]:
            answer = self.json("/api/v1/search", lang=lang, query=query, format="json")
            notes = [(n["field"], n["did_you_mean"][:1]) for n in answer["notes"]]
            self.assertEqual(notes, [(field, meant)], query)
            answer = self.get("/api/v1/search", lang=lang, query=query, format="csv")
            self.assertIn(field, json.loads(answer.headers["Taffrail-Notes"])[0]["message"])
        answer = self.get("/api/v1/search", query="servcie:web", notes="true")
        self.assertEqual(list(json.loads(answer.body)), ["notes"])
        for query in ("service:nobody", "level:nothing", "user.id:>9", "service:*"):
            answer = self.json("/api/v1/search", query=query, format="json", limit=1)
            self.assertNotIn("notes", answer, query)

    def test_lines_for_which_jq_fails_are_told(self):  # REQ Q-04
        answer = self.json("/api/v1/search", lang="jq", query=".n + {}", format="json", limit=3)
        self.assertRegex(answer["notes"][0]["message"], "^the jq filter failed for [0-9]+ lines; first: ")

    def test_patterns_with_counts_and_what_is_new(self):  # REQ Q-10
        lines = [
            line(3000 - n, service="pat", message=f"job {n} of user{n % 3} done") for n in range(30)
        ] + [line(20, service="pat", message=f"disk {n} is full") for n in range(4)]
        lines += [json.dumps({"timestamp": stamp(10), "service": "pat", "no": "message"})]
        self.send("POST", "/api/v1/ingest?stream_fields=service", "\n".join(lines) + "\n")
        answer = self.json("/api/v1/patterns", query="service:pat", new_since="-5m")
        self.assertEqual((answer["lines"], answer["baseline_lines"], answer["truncated"]), (35, 30, False))
        found = [(p["pattern"], p["lines"], p["new"]) for p in answer["patterns"]]
        self.assertEqual(found[:2], [("job <_> of <_> done", 30, False), ("disk <_> is full", 4, True)])
        self.assertEqual(len(found), 3)  # the line without a message is one as a whole
        job = answer["patterns"][0]
        self.assertEqual(sum(count for _, count in job["counts"]), 30)
        self.assertLessEqual(len(job["counts"]), 60)
        self.assertRegex(job["sample"], r"^job \d+ of user\d done$")
        self.assertLess(job["first"], job["last"])
        asked = self.json("/api/v1/patterns", lang="logql", query='{service="pat"} |= "disk"', limit=1)
        self.assertEqual([p["lines"] for p in asked["patterns"]], [4])
        self.assertNotIn("new", asked["patterns"][0])
        coarse = self.json("/api/v1/patterns", query="service:pat", buckets=2)
        self.assertGreater(coarse["step_ms"], answer["step_ms"])
        self.assertEqual(self.get("/api/v1/patterns", new_since="-5m", **{"from": "-1m"}).status, 400)
        self.assertEqual(sum(p["lines"] for p in coarse["patterns"]), 35)  # each line is in one

    def test_patterns_tell_what_jumps(self):  # REQ Q-10
        # A heartbeat each minute for an hour, and a storm of errors twelve minutes ago.
        lines = [line(60 * n, service="jumpy", message=f"beat {n}") for n in range(60)]
        lines += [line(720, service="jumpy", message=f"cannot reach db-{n}: refused") for n in range(200)]
        self.send("POST", "/api/v1/ingest?stream_fields=service", "\n".join(lines) + "\n")
        answer = self.json("/api/v1/patterns", query="service:jumpy")
        found = {p["pattern"]: p["jumps"] for p in answer["patterns"]}
        self.assertEqual(found["beat <_>"], [])
        storm = found["cannot reach <_> refused"]
        self.assertEqual([(jump["lines"], jump["usual"]) for jump in storm], [(200, 0)])
        self.assertLess(storm[0]["from"], storm[0]["to"])
        only = self.json("/api/v1/patterns", query="service:jumpy", anomalies=1)["patterns"]
        self.assertEqual([p["pattern"] for p in only], ["cannot reach <_> refused"])
        later = self.json("/api/v1/patterns", query="service:jumpy", anomalies=1, new_since="-5m")
        self.assertEqual(later["patterns"], [])  # it is over, and was there before

    def records(self, **parameters):
        answer = self.get("/api/v1/search", **parameters)
        self.assertEqual(answer.status, 200, answer.body)
        return [json.loads(each) for each in answer.body.splitlines()]

    def test_an_overview_counts_by_level_and_time(self):
        answer = self.json(
            "/api/v1/overview",
            query="n:* service:(a OR b)",
            buckets=60,
            facets="user.id,level,nope",
            facet_limit=3,
            **{"from": "-11m", "to": "now"},
        )
        self.assertEqual(answer["lines"], 300)
        self.assertEqual(
            {level: sum(counts) for level, counts in answer["levels"].items()}, {"INFO": 200, "ERROR": 100}
        )
        self.assertTrue(all(len(counts) == 60 for counts in answer["levels"].values()))
        users, levels, nope = answer["facets"]
        self.assertEqual([each["value"] for each in users["values"]], ["0", "1", "2"])
        self.assertEqual((users["distinct"], users["others"], users["missing"]), (7, 300 - 43 * 3, 0))
        self.assertEqual(levels["values"][0], {"value": "INFO", "lines": 200})
        self.assertEqual((nope["values"], nope["missing"]), ([], 300))

    def test_an_overview_with_progress_ends_with_all(self):
        lines = self.get("/api/v1/overview", query="service:a", progress=1).body.splitlines()
        last = json.loads(lines[-1])
        self.assertEqual((last["done"], last["lines"], last["progress"]), (True, 150, 1))
        self.assertEqual([json.loads(each)["done"] for each in lines[:-1]], [False] * (len(lines) - 1))

    def test_an_overview_counts_what_comes_before_a_table(self):
        self.assertEqual(
            self.json("/api/v1/overview", query="service:a | where n:>100 | count by level")["lines"], 99
        )

    def test_all_of_time_ends_where_the_records_do(self):
        answer = self.json("/api/v1/overview", buckets=1)
        self.assertEqual(answer["from"], SAME.replace(".000Z", ".000000000Z"))
        self.assertEqual(answer["lines"], len(self.records(limit=0)))

    def test_fields_are_listed_with_types_and_counts(self):
        fields = {
            each["name"]: each for each in self.json("/api/v1/fields", query="service:(a OR b)")["fields"]
        }
        self.assertEqual(
            fields["user.id"], {"name": "user.id", "types": ["number"], "origin": "line", "lines": 300}
        )
        self.assertEqual(fields["service"]["types"], ["string"])
        self.assertNotIn("metadata.route", fields)
        self.assertTrue(self.json("/api/v1/fields", limit=2)["truncated"])

    def test_values_complete_a_prefix(self):
        answer = self.json("/api/v1/fields/metadata.event/values", prefix="TASK")
        self.assertEqual(answer["values"], [{"value": "task_deleted", "lines": 5}])
        self.assertEqual(self.json("/api/v1/fields/metadata.event/values", prefix="x")["values"], [])

    def test_pages_of_records_join_without_gap(self):
        whole = self.records(query="service:same", limit=0, direction="backward")
        pages = [
            self.records(query="service:same", limit=20, offset=at, direction="backward")
            for at in (0, 20, 40, 60)
        ]
        self.assertEqual([len(page) for page in pages], [20, 20, 10, 0])
        self.assertEqual(sum(pages, []), whole)
        self.assertEqual([each["record"]["n"] for each in whole], list(range(49, -1, -1)))

    def test_a_long_record_is_cut_on_demand(self):
        self.send("POST", "/api/v1/ingest", line(1, service="long", message="\u00e9" * 5000) + "\n")
        cut = self.records(query="service:long", max_record_bytes=1000)[0]
        self.assertIsInstance(cut["record"], str)
        self.assertLessEqual(len(cut["record"].encode()), 1000)
        self.assertGreater(cut["line_bytes"], 10000)
        whole = self.records(query="service:long", max_record_bytes=50000)[0]
        self.assertTrue(isinstance(whole["record"], dict))

    def test_lines_around_a_record_of_the_same_moment(self):
        middle = self.records(query="service:same n:25")[0]
        around = self.json(
            "/api/v1/context", timestamp=middle["timestamp"], sequence=middle["sequence"], before=3, after=4
        )
        self.assertEqual(
            [each["record"]["n"] for each in around["records"]], [22, 23, 24, 25, 26, 27, 28, 29]
        )
        self.assertEqual(around["records"][around["index"]], middle)
        few = self.json(
            "/api/v1/context",
            timestamp=middle["timestamp"],
            sequence=middle["sequence"],
            before=9,
            after=9,
            query="n:(1 OR 48)",
        )
        self.assertEqual(
            [each["record"]["n"] for each in few["records"] if each["record"].get("service") == "same"],
            [1, 25, 48],
        )

    def test_performance_is_of_requests_alone(self):
        answer = self.json("/api/v1/logs/performance", hours=1, limit=3)
        self.assertEqual((answer["requests"], answer["errors"], answer["max_ms"]), (100, 1, 990))
        self.assertEqual(answer["tiers"], {"fast": 10, "normal": 90, "slow": 0, "very_slow": 0})
        for name, exact in (("p50_ms", 490), ("p95_ms", 940), ("mean_ms", 495)):
            self.assertAlmostEqual(answer[name], exact, delta=exact * 0.045)
        self.assertEqual([each["path"] for each in answer["by_path"]], ["GET /a"])
        self.assertEqual(
            [each["record"]["metadata"]["duration_ms"] for each in answer["slowest"]], [990, 980, 970]
        )
        self.assertEqual(self.json("/api/v1/logs/performance", service="nobody")["requests"], 0)

    def test_audit_records_are_found_counted_and_filtered(self):
        answer = self.json("/api/v1/logs/audit", hours=1)
        self.assertEqual(answer["lines"], 6)
        times = [each["timestamp"] for each in answer["records"]]
        self.assertEqual(times, sorted(times, reverse=True))
        self.assertEqual(answer["by_event"][0], {"value": "task_deleted", "lines": 5})
        self.assertEqual(
            {each["value"]: each["lines"] for each in answer["by_user"]}, {"usr_0": 3, "usr_1": 2, "usr_9": 1}
        )
        failed = self.json(
            "/api/v1/logs/audit",
            outcome="failure",
            ip_address="192.0.2.1",
            user="usr_0",
            event="task_deleted",
        )
        self.assertEqual((failed["lines"], len(failed["records"])), (1, 1))
        self.assertEqual(len(self.json("/api/v1/logs/audit", limit=2)["records"]), 2)

    def test_lines_of_its_own_are_found_again(self):
        answer = json.loads(self.send("POST", "/api/v1/logs/test?level=error&message=hello").body)
        self.assertEqual((answer["written"], answer["searchable"]), (1, 1))
        record = self.records(query=f"request_id:{answer['request_id']}")[0]["record"]
        self.assertEqual(
            (record["level"], record["message"], record["service"]), ("ERROR", "hello", "taffrail")
        )

    def test_a_page_that_fails_in_a_loop_is_stopped(self):
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        answers = {
            self.send("POST", "/api/v1/client-errors", "message=again", **form).status for _ in range(70)
        }
        self.assertEqual(answers, {204, 429})

    def test_the_ui_is_sent_compressed_and_only_once(self):
        plain = self.get("/ui/app.js")
        packed = self.send("GET", "/ui/app.js", Accept_Encoding="gzip")
        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        self.assertLess(len(packed.body), len(plain.body) / 2)
        again = self.send("GET", "/ui/app.js", If_None_Match=packed.headers["ETag"])
        self.assertEqual((again.status, again.body), (304, b""))


if __name__ == "__main__":
    client.main()
