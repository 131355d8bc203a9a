"""Asking over real HTTP: the answers themselves, where openapi_test.py looks at their form.

REQ C-06, REQ D-01, REQ P-01, REQ P-07, REQ Q-04, REQ Q-05, REQ Q-07
"""

import http.client
import json
import time

import client

BASE = 1_760_000_000  # seconds; the lines of a request that went through three services


def at(offset_ms):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(BASE)) + f".{offset_ms:03d}Z"


ID = "req_77aa01"
REQUEST = [
    {"timestamp": at(0), "level": "INFO", "service": "api", "message": "POST /tasks", "request_id": ID},
    {"timestamp": at(12), "level": "DEBUG", "service": "api", "message": "INSERT", "request_id": ID,
     "metadata": {"duration_ms": 4.25}},
    {"timestamp": at(40), "level": "ERROR", "service": "worker", "message": f"job for {ID} failed"},
]
OTHER = [{"timestamp": at(20), "level": "INFO", "service": "api", "message": "GET /", "request_id": ID[:-1]}]


class AskTest(client.ApiTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = time.time()
        levels = ["INFO", "ERROR"] * 5
        cls.fresh = [json.dumps({"time": cls.now - 60 + n, "level": level, "app": "fresh", "n": n})
                     for n, level in enumerate(levels)]
        lines = [json.dumps(line) for line in REQUEST[::-1] + OTHER] + cls.fresh + [f"GET /x {ID} by a peer"]
        connection = http.client.HTTPConnection(cls.host, cls.port, timeout=client.SECONDS)
        connection.request("POST", "/api/v1/ingest", "\n".join(lines))
        assert connection.getresponse().status == 200
        connection.close()

    def json(self, path, **parameters):
        answer = self.get(path, **parameters)
        self.assertEqual(answer.status, 200, answer.body)
        return json.loads(answer.body)

    def numbers(self, **parameters):
        records = self.json("/api/v1/search", query="app:fresh", format="json", **parameters)["records"]
        return [record["record"]["n"] for record in records]

    def test_a_trail_crosses_services_in_order_of_time(self):
        trail = self.json("/api/v1/trail/req_77aa01", to="2026-01-01")
        self.assertEqual([event["entry"]["record"] for event in trail["events"]], REQUEST)
        self.assertEqual([event["offset_ms"] for event in trail["events"]], [0, 12, 40])
        self.assertEqual([event.get("duration_ms") for event in trail["events"]], [None, 4.25, None])
        self.assertEqual((trail["lines"], trail["duration_ms"], trail["truncated"]), (3, 40, False))
        self.assertEqual([tuple(span.values()) for span in trail["services"]],
                         [("api", 2, 0, 0, 12), ("worker", 1, 1, 40, 40)])

    def test_a_trail_holds_text_lines_too(self):
        events = self.json("/api/v1/trail/req_77aa01")["events"]
        self.assertEqual(events[-1]["entry"]["record"], "GET /x req_77aa01 by a peer")

    def test_a_trail_is_cut_at_its_limit(self):
        trail = self.json("/api/v1/trail/req_77aa01", limit=2)
        self.assertEqual((trail["lines"], trail["truncated"]), (2, True))

    def test_direction_and_limit(self):
        self.assertEqual(self.numbers(), list(range(10)))
        self.assertEqual(self.numbers(limit=3), [0, 1, 2])
        self.assertEqual(self.numbers(limit=3, direction="backward"), [9, 8, 7])

    def test_the_last_few_come_in_order_of_time(self):
        self.assertEqual(self.numbers(last=3), [7, 8, 9])
        self.assertEqual(self.numbers(last=99), list(range(10)))
        for wrong in ({"limit": 3}, {"direction": "backward"}):
            self.assertEqual(self.get("/api/v1/search", query="*", last=3, **wrong).status, 400)
        self.assertEqual(self.get("/api/v1/search", query="* | count", last=3).status, 400)

    def test_progress_is_told_in_ndjson_only(self):
        answer = self.get("/api/v1/search", query="app:fresh | count", progress="true")
        lines = [json.loads(line) for line in answer.body.splitlines()]
        self.assertEqual([line for line in lines if "progress" not in line], [{"count": 10}])
        self.assertEqual(self.get("/api/v1/search", query="*", progress="true", format="csv").status, 400)

    def test_a_time_range(self):
        self.assertEqual(self.numbers(**{"from": self.now - 57.5, "to": self.now - 54.5}), [3, 4, 5])

    def test_both_languages_and_both_methods_agree(self):
        search = self.get("/api/v1/search", query="app:fresh level:ERROR", format="raw").body
        logql = self.get("/api/v1/search", lang="logql", format="raw",
                         query='{} | json | app="fresh" | level="ERROR"')
        post = self.send("POST", "/api/v1/search?format=raw", "query=app%3Afresh+level%3AERROR",
                         Content_Type="application/x-www-form-urlencoded")
        expected = ("\n".join(self.fresh[1::2]) + "\n").encode()
        self.assertEqual(search, expected)
        self.assertEqual(post.body, expected)
        self.assertEqual(logql.body, expected)

    def test_explain_tells_the_plan(self):
        answer = self.get("/api/v1/search", query="level:ERROR", explain="")
        self.assertEqual(answer.type, "text/plain")
        self.assertIn("ERROR", answer.body.decode())

    def test_recent_is_newest_first(self):
        records = self.json("/api/v1/logs/recent", hours=1, level="ERROR", limit=3)["records"]
        self.assertEqual([record["record"]["n"] for record in records], [9, 7, 5])

    def test_stats_count_by_level_service_and_time(self):
        stats = self.json("/api/v1/logs/stats", hours=1, buckets=6)
        by_service = {each["service"]: (each["lines"], each["errors"]) for each in stats["by_service"]}
        self.assertEqual(by_service["fresh"], (10, 5))
        self.assertEqual(stats["by_level"]["ERROR"], 5)
        self.assertEqual(sum(bucket["lines"] for bucket in stats["buckets"]), stats["lines"])
        self.assertEqual(stats["buckets"][-1]["errors"], 5)
        self.assertEqual(stats["store"]["rows"], len(REQUEST + OTHER) + len(self.fresh) + 1)

    def test_health_knows_the_last_write(self):
        health = self.json("/api/v1/logs/health")
        self.assertEqual(health["status"], "ok")
        self.assertEqual({check["name"]: check["ok"] for check in health["checks"]},
                         {"store": True, "disk": True, "writes": True})
        self.assertIsNotNone(health["write"]["last_success"])
        self.assertGreater(health["disk"]["available_bytes"], 0)

    def test_metrics_count_queries(self):
        before = self.metrics()
        self.get("/api/v1/search", query="app:fresh", format="raw")
        self.get("/api/v1/trail/req_77aa01")
        after = self.metrics()
        self.assertEqual(after["taffrail_queries_total"] - before["taffrail_queries_total"], 2)
        self.assertGreaterEqual(after["taffrail_query_rows_matched_total"], 14)


class CancelTest(client.ApiTest):
    def test_a_query_ends_when_its_client_leaves(self):
        line = '{"pad":"' + "x" * 1000 + '"}\n'
        for _ in range(5):
            self.assertEqual(self.send("POST", "/api/v1/ingest", line * 20_000).status, 200)
        connection = http.client.HTTPConnection(self.host, self.port, timeout=client.SECONDS)
        connection.request("GET", "/api/v1/search?query=*&limit=0&format=raw")
        response = connection.getresponse()
        self.assertTrue(response.read(10))
        response.close()
        connection.close()  # of 100 MB hardly anything was taken
        deadline = time.monotonic() + client.SECONDS
        while time.monotonic() < deadline:
            metrics = self.metrics()
            if metrics["taffrail_queries_total"] == 1:  # counted at its end
                self.assertLess(metrics["taffrail_query_rows_matched_total"], 100_000)
                return
            time.sleep(0.05)
        self.fail("the query goes on")


if __name__ == "__main__":
    client.main()
