"""Deletes, drops and snapshots of a running server: behind the admin token, in force at once and after
kill -9, and in the server's own log. Loki's deletes as Loki's clients make them.

REQ D-03
"""

import json
import time
import urllib.parse

import client
from client import harness

TOKEN = "0123456789abcdef-0123456789abcdef"
DAY = ["2026-01-01", "2026-01-02", "2026-01-03"]


def line(i):
    timestamp = f"{DAY[i % 3]}T08:00:{i % 60:02d}Z"
    return json.dumps({"timestamp": timestamp, "user": f"usr_{i % 7}", "n": i}) + "\n"


class AdminTest(client.ApiTest):
    server_env = {"TAFFRAIL_ADMIN_TOKEN": TOKEN}

    def setUp(self):
        self.admin("/api/v1/admin/delete?query=*")
        body = "".join(line(i) for i in range(210))
        self.assertEqual(self.send("POST", "/api/v1/ingest", body).status, 200)

    def admin(self, target, method="POST", status=200, token=TOKEN):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self.send(method, target, **headers)
        self.assertEqual(answer.status, status, answer.body)
        return json.loads(answer.body) if answer.type.endswith("json") else answer.body.decode()

    def count(self, query="n:*"):
        return len(self.lines(query))

    def log(self, query):
        return [json.loads(text) for text in self.lines("service:taffrail logger:admin " + query)]

    def test_delete_counts_first_and_then_deletes(self):
        target = "/api/v1/admin/delete?query=user:usr_3"
        self.assertEqual(self.admin(target + "&dry_run")["rows"], 30)
        self.assertEqual(self.count(), 210)
        report = self.admin(target)
        self.assertEqual((report["rows"], report["dry_run"]), (30, False))
        self.assertEqual(self.count(), 180)
        self.assertEqual(self.count("user:usr_3"), 0)
        self.assertEqual(self.admin(target)["rows"], 0)
        self.assertEqual(self.admin("/api/v1/admin/delete?query=*&to=2026-01-02")["rows"], 60)
        self.assertEqual(self.count(), 120)
        [asked, done] = [each for each in self.log('action:delete query:"user:usr_3"')][:2]
        self.assertEqual((asked["message"], asked["ip_address"]), ("asked to delete", "127.0.0.1"))
        self.assertEqual((done["outcome"], done["rows"]), ("success", "30"))

    def test_what_a_delete_does_not_take(self):
        for query in ["", "query=", "query=*&lang=jq", "query=" + urllib.parse.quote('"open'),
                      "query=*&form=2026-01-01",
                      "lang=logql&query=" + urllib.parse.quote('sum(rate({a="b"}[5m]))'),
                      "lang=logql&query=" + urllib.parse.quote('{a="b"} | line_format "x"')]:
            self.admin("/api/v1/admin/delete?" + query, status=400)
        self.assertEqual(self.count(), 210)

    def test_drop_removes_days(self):
        self.assertEqual(self.admin("/api/v1/admin/drop?before=2026-01-02&dry_run")["rows"], 70)
        self.assertEqual(self.admin("/api/v1/admin/drop?before=2026-01-02T15:00:00Z")["rows"], 70)
        self.assertEqual(self.count(), 140)
        self.assertEqual(len(self.log('action:"drop days" outcome:success before:"2026-01-02"')), 1)

    def test_a_snapshot_is_a_store(self):
        path = self.admin("/api/v1/admin/snapshot?name=before")["path"]
        self.admin("/api/v1/admin/delete?query=*")
        self.assertEqual(self.count(), 0)
        self.admin("/api/v1/admin/snapshot?name=before", status=409)
        for name in ["..", "a/b", ".hidden", "x" * 81, "%00"]:
            self.admin("/api/v1/admin/snapshot?name=" + urllib.parse.quote(name, safe="%"), status=400)
        found = harness.run("search", "--data", path, "n:*", "--limit", "0", "--format", "raw")
        self.assertEqual(len(found.stdout.splitlines()), 210, found.stderr)
        self.assertNotEqual(self.admin("/api/v1/admin/snapshot")["name"], "before")

    def test_nobody_else_may(self):
        refused = self.metrics()["taffrail_admin_refused_total"]
        tokens = [None, "", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "x" * len(TOKEN)]
        for token in tokens:
            for method, target in [("POST", "/api/v1/admin/delete?query=*"),
                                   ("POST", "/api/v1/admin/drop?before=2030-01-01"),
                                   ("POST", "/api/v1/admin/snapshot?name=theirs"),
                                   ("POST", "/loki/api/v1/delete?query=%7B%7D&start=0"),
                                   ("GET", "/loki/api/v1/delete"),
                                   ("DELETE", "/loki/api/v1/delete?request_id=1")]:
                self.assertIn("Bearer", self.admin(target, method, 401, token)["detail"])
        basic = self.send("POST", "/api/v1/admin/delete?query=*", Authorization="Basic " + TOKEN)
        self.assertEqual((basic.status, basic.headers["WWW-Authenticate"]), (401, "Bearer"))
        self.assertEqual(self.count(), 210)
        self.assertEqual(self.metrics()["taffrail_admin_refused_total"] - refused, len(tokens) * 6 + 1)
        self.assertEqual(len(self.log('message:"an admin request was refused"')), 1)  # a line a minute
        self.assertEqual(self.send("POST", "/api/v1/admin/drop?before=1990-01-01",
                                   Authorization="bearer " + TOKEN).status, 200)

    def test_loki(self):
        values = [[f"{1_700_000_000 + i}000000000", f"line {i} of {'ab'[i % 2]}"] for i in range(40)]
        stream = {"stream": {"app": "x"}, "values": values}
        pushed = self.send("POST", "/loki/api/v1/push", json.dumps({"streams": [stream]}),
                           Content_Type="application/json")
        self.assertEqual(pushed.status, 204)

        def delete(status=204, method="POST", **parameters):
            target = "/loki/api/v1/delete?" + urllib.parse.urlencode(parameters)
            return self.admin(target, method, status)

        query = '{app="x"} |= "of a"'
        self.assertIn("query not set", delete(400, start=0))
        self.assertIn("start time not set", delete(400, query=query))
        self.assertIn("future", delete(400, query=query, start=0, end=int(time.time()) + 1000))
        self.assertIn("start time", delete(400, query=query, start=20, end=10))
        self.assertIn("parse error", delete(400, query='{app="x"', start=0))
        delete(400, query='count_over_time({app="x"}[1m])', start=0)
        delete(query=query, start=1_700_000_010, end=1_700_000_020)  # the end as well: 10, 12 … 20
        self.assertEqual(self.count('app:x'), 34)
        delete(method="PUT", query=query, start="2023-11-14T00:00:00Z", max_interval="1h")
        self.assertEqual(self.count('app:x'), 20)
        done = self.admin("/loki/api/v1/delete", "GET")[-2:]
        self.assertEqual([each["query"] for each in done], [query, query])
        self.assertEqual((done[0]["start_time"], done[0]["end_time"]), (1_700_000_010, 1_700_000_020))
        self.assertEqual({each["status"] for each in done}, {"processed"})
        target = "/loki/api/v1/delete?request_id="
        self.assertIn("already processed", self.admin(target + done[0]["request_id"], "DELETE", 400))
        self.assertIn("could not find", self.admin(target + "none", "DELETE", 404))
        self.assertEqual(self.count(), 210)


class WithoutToken(client.ApiTest):
    def test_is_refused_and_says_why(self):
        for target in ["/api/v1/admin/delete?query=*", "/api/v1/admin/drop?before=2030-01-01",
                       "/api/v1/admin/snapshot", "/loki/api/v1/delete?query=%7B%7D&start=0"]:
            for headers in [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer " + TOKEN}]:
                answer = self.send("POST", target, **headers)
                self.assertEqual(answer.status, 403)
                self.assertIn("TAFFRAIL_ADMIN_TOKEN", json.loads(answer.body)["detail"])


class Restart(harness.TestCase):
    def test_a_delete_outlives_kill_9_and_short_tokens_do_not_start(self):
        server = harness.Server(self.dir / "store", env={"TAFFRAIL_ADMIN_TOKEN": TOKEN})
        self.addCleanup(lambda: server.process.poll() is None and server.kill())
        client_of = AdminTest("admin")
        where = urllib.parse.urlsplit(server.url)
        client_of.host, client_of.port = where.hostname, where.port
        body = "".join(line(i) for i in range(70))
        self.assertEqual(client_of.send("POST", "/api/v1/ingest", body).status, 200)
        self.assertEqual(client_of.admin("/api/v1/admin/delete?query=user:usr_1")["rows"], 10)
        server.kill()
        found = self.ok("search", "--data", self.dir / "store", "n:*", "--limit", "0", "--format", "raw")
        self.assertEqual(len(found.splitlines()), 60)
        self.ok("store", "verify", self.dir / "store")
        self.assertIn("TAFFRAIL_ADMIN_TOKEN", self.fails(
            harness.USAGE, "serve", "--data", self.dir / "x", env={"TAFFRAIL_ADMIN_TOKEN": "short"}))


if __name__ == "__main__":
    client.main()
