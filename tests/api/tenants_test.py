"""Tenants, over real HTTP: nobody meets the lines of another, and nobody's queries hold up another's.

REQ Q-07 Q-08
"""

import http.client
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import client
from client import harness

CONFIG = """tenants:
  enabled: true
  max: 3
limits:
  max_concurrent_queries: 1
  max_queued_queries: 1
"""


class TenantsTest(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.store = self.dir / "store"
        self.config = self.write("c.yaml", CONFIG)
        self.server = self.start()

    def start(self, config=None):
        server = harness.Server(self.store, "--config", config or self.config)
        self.addCleanup(lambda: server.process.poll() is None and server.kill())
        return server

    def send(self, path, body=None, tenant=None, method=None, **headers):
        """(status, body) of one request."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        if tenant is not None:
            names["X-Scope-OrgID"] = tenant
        request = urllib.request.Request(self.server.url + path, body, names, method=method)
        try:
            with urllib.request.urlopen(request, timeout=harness.SECONDS) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def ingest(self, tenant, *lines):
        body = b"".join(line + b"\n" for line in lines)
        status, body = self.send("/api/v1/ingest?stream_fields=app", body, tenant)
        self.assertEqual(status, 200, body)

    def lines(self, tenant):
        status, body = self.send("/api/v1/search?limit=0&format=raw", tenant=tenant)
        self.assertEqual(status, 200, body)
        return body.splitlines()

    def test_each_sees_its_own_lines_and_none_else(self):
        self.ingest("a", b'{"app":"x","message":"of a","request_id":"req_1"}')
        self.ingest("b", b'{"app":"y","message":"of b","request_id":"req_1"}')
        stream = {"stream": {"app": "z"}, "values": [[str(time.time_ns()), "pushed to b"]]}
        push = json.dumps({"streams": [stream]})
        status, _ = self.send("/loki/api/v1/push", push.encode(), "b", Content_Type="application/json")
        self.assertEqual(status, 204)
        self.assertEqual([b"of a" in line for line in self.lines("a")], [True])
        self.assertEqual(len(self.lines("b")), 2)
        self.assertEqual(self.lines("c"), [])  # has sent nothing

        # Every way of asking: nothing of b's is in an answer to a.
        query = urllib.parse.quote('{app=~".+"}')
        paths = [
            f"/loki/api/v1/query_range?query={query}&since=1h",
            f"/loki/api/v1/series?match[]={query}&since=1h",
            "/loki/api/v1/label/app/values?since=1h",
            "/loki/api/v1/detected_fields?query=" + query,
            "/loki/api/v1/patterns?query=" + query,
            "/api/v1/trail/req_1",
            "/api/v1/patterns",
            "/api/v1/fields/app/values",
            "/api/v1/logs/recent",
            "/elastic/_search?size=10",
            "/_search?size=10",
        ]
        for path in paths:
            for tenant, others in (("a", (b"of b", b'"y"', b'"z"')), ("b", (b"of a", b'"x"'))):
                status, body = self.send(path, tenant=tenant)
                self.assertEqual(status, 200, (path, body))
                for theirs in others:
                    self.assertNotIn(theirs, body, path)
        self.assertIn(b'"y","z"', self.send("/loki/api/v1/label/app/values?since=1h", tenant="b")[1])

    def test_a_request_without_a_tenant_is_refused_where_it_needs_one(self):
        of_lines = ["/loki/api/v1/labels", "/elastic/_search"]
        of_lines += [f"/api/v1/{name}" for name in ("search", "ingest", "saved/views")]
        for path in of_lines:
            status, body = self.send(path, b"{}" if path.endswith("ingest") else None)
            self.assertEqual(status, 401, path)
            self.assertIn(b"no org id", body, path)
        self.assertEqual(self.send("/loki/api/v1/labels")[1], b"no org id\n")  # as Loki says it
        self.assertEqual(json.loads(self.send("/elastic/_search")[1])["status"], 401)
        self.assertEqual(self.send("/loki/api/v1/labels", tenant="a|b"), (400, b"multiple org IDs present\n"))
        self.assertEqual(self.send("/loki/api/v1/labels", tenant="../a")[0], 400)
        for path in ("/healthz", "/readyz", "/ready", "/metrics", "/", "/loki/api/v1/status/buildinfo"):
            self.assertEqual(self.send(path)[0], 200, path)

    def test_no_more_tenants_are_made_than_allowed(self):
        for tenant in ("a", "b", "c"):
            self.ingest(tenant, b"{}")
        status, body = self.send("/api/v1/ingest", b"{}\n", "d")
        self.assertEqual(status, 429, body)
        self.assertIn(b"tenants.max", body)
        self.assertEqual(self.lines("d"), [])
        self.assertEqual(sorted(path.name for path in (self.store / "tenants").iterdir()), ["a", "b", "c"])

    def test_they_are_there_after_a_restart(self):
        self.ingest("a", b'{"n":1}')
        self.assertEqual(self.send("/api/v1/saved/views/mine", b'{"q":"x"}', "a", method="PUT")[0] // 100, 2)
        self.assertEqual(self.server.stop(), harness.DONE)
        self.server = self.start()
        self.assertEqual(self.lines("a"), [b'{"n":1}'])
        self.assertIn(b"mine", self.send("/api/v1/saved/views", tenant="a")[1])
        self.assertNotIn(b"mine", self.send("/api/v1/saved/views", tenant="b")[1])

    def test_lines_from_before_are_those_of_fake(self):
        self.assertEqual(self.server.stop(), harness.DONE)
        self.server = self.start(self.write("plain.yaml", ""))
        self.assertEqual(self.send("/api/v1/ingest", b'{"n":1}\n')[0], 200)
        self.assertEqual(self.server.stop(), harness.DONE)
        self.server = self.start()
        self.assertEqual(self.lines("fake"), [b'{"n":1}'])
        self.assertEqual(self.lines("a"), [])

    def test_metrics_say_which_tenant(self):
        self.ingest("a", b"{}", b"{}")
        self.ingest("b", b"{}")
        _, text = self.send("/metrics")
        self.assertIn(b'taffrail_store_rows{tenant="a"} 2\ntaffrail_store_rows{tenant="b"} 1\n', text)
        self.assertEqual(text.count(b"# TYPE taffrail_store_rows gauge"), 1)
        self.assertIn(b'taffrail_ingest_lines_total{tenant="a",kind="json"} 2\n', text)

    def test_a_tail_hears_only_its_tenant(self):
        heard = []
        host, port = self.server.url.removeprefix("http://").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=harness.SECONDS)
        self.addCleanup(connection.close)
        connection.request("GET", "/api/v1/tail?query=*", headers={"X-Scope-OrgID": "a"})
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200)
        self.ingest("b", b'{"n":"of b"}')
        self.ingest("a", b'{"n":"of a"}')
        while not any(b"of a" in line for line in heard):
            heard.append(answer.readline())
        self.assertFalse(any(b"of b" in line for line in heard))

    def test_the_command_line_names_its_tenant(self):
        self.ingest("a", b'{"n":1}')
        found = self.ok("--tenant", "a", "search", "*", "--url", self.server.url, "--format", "raw")
        self.assertEqual(found, b'{"n":1}\n')
        command = ("search", "*", "--url", self.server.url, "--format", "raw")
        found = self.ok(*command, env={"TAFFRAIL_TENANT": "b"})
        self.assertEqual(found, b"")
        self.assertIn("--tenant", self.fails(harness.UNREACHABLE, "search", "*", "--url", self.server.url))

    def test_no_record_names_the_ledger_of_another(self):
        self.assertEqual(self.server.stop(), harness.DONE)
        keys = self.dir / "keys"
        audit = f"audit:\n  enabled: true\n  tenant_field: organization_id\n  key_dir: {keys}\n"
        self.server = self.start(self.write("audit.yaml", CONFIG + audit))
        record = b'{"event":"user.deleted","security_level":"audit","organization_id":"b","message":"x"}'
        self.ingest("a", record)
        self.ingest("fake", record)
        ledgers = {}
        for tenant in ("a", "b", "fake"):
            ledgers[tenant] = json.loads(self.send("/api/v1/audit", tenant=tenant)[1])["ledgers"]
        origins = {tenant: [ledger["origin"] for ledger in found] for tenant, found in ledgers.items()}
        self.assertEqual(origins, {"a": ["taffrail/tenants/a/audit"], "b": [], "fake": ["taffrail/b/audit"]})
        self.assertNotEqual(ledgers["a"][0]["key"], ledgers["fake"][0]["key"])
        self.assertTrue((keys / "tenants" / "a" / "audit.key").exists())

    def hold_a_query(self, tenant):
        """A query whose reader takes nothing: it has its place until the reader goes."""
        host, port = self.server.url.removeprefix("http://").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=harness.SECONDS)
        connection.request("GET", "/api/v1/search?limit=0&format=raw", headers={"X-Scope-OrgID": tenant})
        connection.sock.settimeout(harness.SECONDS)
        return connection

    def wait_for(self, sample):
        deadline = time.monotonic() + harness.SECONDS
        while sample not in self.send("/metrics")[1]:
            self.assertLess(time.monotonic(), deadline, f"{sample} did not come")
            time.sleep(0.01)

    def test_queries_wait_for_their_own_tenant_alone(self):
        # More than the kernel's buffers and the server's own hold for a reader that takes nothing.
        self.ingest("a", *[b'{"n":"%s"}' % (b"x" * 4000)] * 6000)
        self.ingest("b", b'{"n":1}')
        slow = self.hold_a_query("a")
        self.wait_for(b'taffrail_queries_running{tenant="a"} 1\n')
        waiting = threading.Thread(target=self.lines, args=("a",))
        waiting.start()
        self.wait_for(b'taffrail_queries_waiting{tenant="a"} 1\n')

        # No place and no place to wait: told so, each as its clients know it.
        status, body = self.send("/loki/api/v1/labels", tenant="a")
        self.assertEqual((status, body), (429, b"too many outstanding requests\n"))
        status, body = self.send("/elastic/_search", tenant="a")
        self.assertEqual(json.loads(body)["error"]["type"], "es_rejected_execution_exception")
        self.assertEqual(self.send("/api/v1/search", tenant="a")[0], 429)
        self.wait_for(b"taffrail_queries_refused_total 3\n")

        # Neither lines nor other tenants wait.
        self.ingest("a", b'{"n":2}')
        self.assertEqual(self.lines("b"), [b'{"n":1}'])
        self.assertEqual(self.send("/readyz")[0], 200)

        slow.close()  # a reader that goes gives its place away
        waiting.join(harness.SECONDS)
        self.assertFalse(waiting.is_alive())
        self.assertEqual(self.send("/loki/api/v1/labels", tenant="a")[0], 200)


if __name__ == "__main__":
    client.main()
