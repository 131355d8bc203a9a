"""The server does what docs/api/openapi.yaml says: every operation is called, and the status, content type
and fields of its real answers are held against the document. (src/server/routes_test.cc: both name the same
routes.)

REQ P-01, REQ P-07
"""

import json
import pathlib
import time
import unittest
import urllib.parse

import yaml

import client
import schema

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "api" / "openapi.yaml"
NOW = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
LINES = "".join(json.dumps({"timestamp": NOW, **line}) + "\n" for line in [
    {"level": "INFO", "service": "api", "message": "begin", "request_id": "req_8f4e2b1c"},
    {"level": "INFO", "security_level": "audit", "event": "token_issued", "user": "u", "provider": "p",
     "ip_address": "192.0.2.1"},
    {"level": "ERROR", "service": "worker", "message": "job of req_8f4e2b1c failed", "duration_ms": 4.5},
]) + "plain text\n"
PUSH = '{"streams":[{"stream":{"app":"x"},"values":[["1700000000000000001","pushed",{"trace_id":"t"}]]}]}'
JSON = {"Content_Type": "application/json"}
TEXT = {"Content_Type": "text/plain"}
AUDIT, LEDGER = "/api/v1/audit/{tenant}/{class}", "/api/v1/audit/default/audit"
FORM = {"Content_Type": "application/x-www-form-urlencoded"}

# (method, path, request path, body, headers, status): a success of each operation at least, and its mistakes.
CALLS = [
    ("post", "/api/v1/ingest", "", LINES, {}, 200),
    ("post", "/api/v1/ingest", "?stream_fields=service&time_field=timestamp&message_field=m", LINES, {}, 200),
    ("post", "/api/v1/ingest", "?time_feild=x", LINES, {}, 400),
    ("post", "/api/v1/ingest", "?stream_fields=" + ",".join("abcdefghijklmnopq"), LINES, {}, 400),
    ("post", "/api/v1/ingest", "", b"\x1f\x8b\x08\x00", {"Content_Encoding": "gzip"}, 400),
    ("post", "/api/v1/ingest", "", LINES, {"Content_Encoding": "brotli"}, 415),
    ("post", "/loki/api/v1/push", "", PUSH, JSON, 204),
    ("post", "/loki/api/v1/push", "", '{"streams":[{"stream":{},"values":[["soon","x"]]}]}', JSON, 400),
    ("post", "/loki/api/v1/push", "", "not snappy", {"Content_Type": "application/x-protobuf"}, 400),
    ("post", "/loki/api/v1/push", "", PUSH, {"Content_Type": "text/html"}, 415),
    ("get", "/api/v1/search", "", None, {}, 200),
    ("get", "/api/v1/search", "?query=*&format=json&direction=backward&from=-1h&limit=2", None, {}, 200),
    ("get", "/api/v1/search", "?query=level:ERROR&format=csv", None, {}, 200),
    ("get", "/api/v1/search", "?query=*&format=raw&limit=0", None, {}, 200),
    ("get", "/api/v1/search", "?query=*&explain", None, {}, 200),
    ("get", "/api/v1/search", "?lang=logql&query=" + urllib.parse.quote('{service="api"}'), None, {}, 200),
    ("get", "/api/v1/search", "?query=" + urllib.parse.quote('"open'), None, {}, 400),
    ("get", "/api/v1/search", "?format=xml", None, {}, 400),
    ("get", "/api/v1/search", "?form=-1h", None, {}, 400),
    ("post", "/api/v1/search", "", "query=level%3AERROR&format=json", FORM, 200),
    ("post", "/api/v1/search", "", "{}", JSON, 415),
    ("get", "/api/v1/tail", "?query=" + urllib.parse.quote('"open'), None, {}, 400),
    ("get", "/api/v1/trail/{id}", "/api/v1/trail/req_8f4e2b1c", None, {}, 200),
    ("get", "/api/v1/trail/{id}", "/api/v1/trail/req_unheard_of_1", None, {}, 404),
    ("get", "/api/v1/trail/{id}", "/api/v1/trail/x?limit=many", None, {}, 400),
    ("get", "/api/v1/logs/recent", "?limit=2&level=ERROR,INFO&hours=1", None, {}, 200),
    ("get", "/api/v1/logs/recent", "?limit=-1", None, {}, 400),
    ("get", "/api/v1/logs/stats", "?hours=1&buckets=6", None, {}, 200),
    ("get", "/api/v1/logs/stats", "?buckets=x", None, {}, 400),
    ("get", "/api/v1/search", "?query=*&offset=1&max_record_bytes=20", None, {}, 200),
    ("get", "/api/v1/search", "?offset=-1", None, {}, 400),
    ("get", "/api/v1/overview", "?facets=level,service&buckets=7&facet_limit=1", None, {}, 200),
    ("get", "/api/v1/overview",
     "?progress&from=-1h&lang=logql&query=" + urllib.parse.quote('{service="api"}'),
     None, {}, 200),
    ("get", "/api/v1/overview", "?buckets=2001", None, {}, 400),
    ("get", "/api/v1/overview", "?facets=" + ",".join("f%d" % i for i in range(33)), None, {}, 400),
    ("get", "/api/v1/patterns", "?query=*&new_since=-1h&buckets=10", None, {}, 200),
    ("get", "/api/v1/patterns", "?from=-1h&new_since=-2h", None, {}, 400),
    ("get", "/api/v1/fields", "?limit=3&query=level:ERROR", None, {}, 200),
    ("get", "/api/v1/fields", "?query=" + urllib.parse.quote('"open'), None, {}, 400),
    ("get", "/api/v1/fields/{name}/values", "/api/v1/fields/service/values?prefix=A&limit=1", None, {}, 200),
    ("get", "/api/v1/fields/{name}/values", "/api/v1/fields/service/values?limit=x", None, {}, 400),
    ("get", "/api/v1/context", "?sequence={pushed}&timestamp=2023-11-14T22:13:20.000000001Z", None, {}, 200),
    ("get", "/api/v1/context", "?timestamp=2001-01-01", None, {}, 404),
    ("get", "/api/v1/context", "?before=1", None, {}, 400),
    ("get", "/api/v1/logs/performance", "?hours=1&limit=2&service=api", None, {}, 200),
    ("get", "/api/v1/logs/performance", "?hours=x", None, {}, 400),
    ("get", "/api/v1/logs/audit", "?hours=1&user=u&event=e&outcome=o&ip_address=1", None, {}, 200),
    ("get", "/api/v1/logs/audit", "?limit=1001", None, {}, 400),
    ("post", "/api/v1/logs/test", "?message=hello", None, {}, 200),
    ("post", "/api/v1/logs/test", "?level=warn", None, {}, 200),
    ("post", "/api/v1/logs/test", "?level=loud", None, {}, 400),
    ("put", "/api/v1/saved/{kind}/{name}", "/api/v1/saved/views/My%20errors",
     '{"q":"level:ERROR"}', JSON, 204),
    ("put", "/api/v1/saved/{kind}/{name}", "/api/v1/saved/views/x", "[1]", JSON, 400),
    ("put", "/api/v1/saved/{kind}/{name}", "/api/v1/saved/songs/x", "{}", JSON, 404),
    ("get", "/api/v1/saved/{kind}/{name}", "/api/v1/saved/views/My%20errors", None, {}, 200),
    ("get", "/api/v1/saved/{kind}/{name}", "/api/v1/saved/dashboards/My%20errors", None, {}, 404),
    ("get", "/api/v1/saved/{kind}", "/api/v1/saved/views", None, {}, 200),
    ("get", "/api/v1/saved/{kind}", "/api/v1/saved/songs", None, {}, 404),
    ("delete", "/api/v1/saved/{kind}/{name}", "/api/v1/saved/views/My%20errors", None, {}, 204),
    ("delete", "/api/v1/saved/{kind}/{name}", "/api/v1/saved/views/My%20errors", None, {}, 404),
    ("post", "/api/v1/client-errors", "", "message=x+is+undefined&stack=at+f&page=%2F", FORM, 204),
    ("post", "/api/v1/client-errors", "", "stack=at+f", FORM, 400),
    ("post", "/api/v1/client-errors", "", "{}", JSON, 415),
    ("get", "/", "", None, {}, 200),
    ("get", "/ui/{file}", "/ui/app.js", None, {}, 200),
    ("get", "/ui/{file}", "/ui/app.css", None, {}, 200),
    ("get", "/ui/{file}", "/ui/icon.svg", None, {}, 200),
    ("get", "/ui/{file}", "/ui/secrets.txt", None, {}, 404),
    ("get", "/api/v1/logs/config", "", None, {}, 200),
    ("get", "/api/v1/logs/health", "", None, {}, 200),
    ("get", "/healthz", "", None, {}, 200),
    ("get", "/readyz", "", None, {}, 200),
    ("get", "/metrics", "", None, {}, 200),
    ("get", "/openapi.yaml", "", None, {}, 200),
    ("get", "/api/v1/audit", "", None, {}, 200),
    ("get", AUDIT + "/checkpoint", LEDGER + "/checkpoint", None, {}, 200),
    ("get", AUDIT + "/checkpoint", "/api/v1/audit/x/audit/checkpoint", None, {}, 404),
    ("get", AUDIT + "/tile/{path...}", LEDGER + "/tile/0/000.p/WIDTH", None, {}, 200),
    ("get", AUDIT + "/tile/{path...}", LEDGER + "/tile/0/../key", None, {}, 404),
    ("get", AUDIT + "/proof", LEDGER + "/proof?index=0", None, {}, 200),
    ("get", AUDIT + "/proof", LEDGER + "/proof?index=9000", None, {}, 404),
    ("get", AUDIT + "/proof", LEDGER + "/proof?index=x", None, {}, 400),
    ("post", "/api/v1/audit/witness/add-checkpoint", "", "old 0\n\n", TEXT, 404),
]

# Behind the admin token; nothing is there that they could take away.
TOKEN = "a token of the tests"
ADMIN = {"Authorization": "Bearer " + TOKEN}
LATE = "&start=1&end=2"
DELETE = "/loki/api/v1/delete"
CALLS += [
    ("post", "/api/v1/admin/delete", "?query=no_such_word_anywhere&dry_run", None, ADMIN, 200),
    ("post", "/api/v1/admin/delete", "?query=no_such_word_anywhere", None, ADMIN, 200),
    ("post", "/api/v1/admin/delete", "?dry_run", None, ADMIN, 400),
    ("post", "/api/v1/admin/delete", "?query=x", None, {}, 401),
    ("post", "/api/v1/admin/drop", "?before=1990-01-01", None, ADMIN, 200),
    ("post", "/api/v1/admin/drop", "", None, ADMIN, 400),
    ("post", "/api/v1/admin/drop", "?before=1990-01-01", None, {}, 401),
    ("post", "/api/v1/admin/snapshot", "?name=one", None, ADMIN, 200),
    ("post", "/api/v1/admin/snapshot", "?name=one", None, ADMIN, 409),
    ("post", "/api/v1/admin/snapshot", "?name=../two", None, ADMIN, 400),
    ("post", "/api/v1/admin/snapshot", "", None, {}, 401),
    ("post", DELETE, "?query=" + urllib.parse.quote('{no="one"}') + LATE, None, ADMIN, 204),
    ("put", DELETE, "?query=" + urllib.parse.quote('{no="one"}') + LATE, None, ADMIN, 204),
    ("post", DELETE, "?query=" + urllib.parse.quote('{no="one"}'), None, ADMIN, 400),
    ("post", DELETE, "", None, {}, 401),
    ("get", DELETE, "", None, ADMIN, 200),
    ("get", DELETE, "", None, {}, 401),
    ("delete", DELETE, "?request_id=0", None, ADMIN, 404),
    ("delete", DELETE, "?request_id=0", None, {}, 401),
]

# Loki's API takes GET, and POST with a form.
SELECTOR = "query=" + urllib.parse.quote('{app="x"}')
VALUE = "query=" + urllib.parse.quote("sum(rate({}[5m]))")
for path, parameters in [
    ("query", VALUE), ("query_range", SELECTOR), ("query_range", VALUE + "&step=1m"),
    ("format_query", SELECTOR),
    ("labels", "since=1h"), ("label", ""), ("label/{name}/values", SELECTOR),
    ("series", "match[]=" + urllib.parse.quote('{app=~".+"}')), ("index/stats", SELECTOR),
    ("index/volume", SELECTOR), ("index/volume_range", SELECTOR + "&step=10m"), ("detected_labels", ""),
    ("detected_fields", SELECTOR + "&start=0"), ("detected_field/{name}/values", SELECTOR),
    ("patterns", SELECTOR),
    ("status/buildinfo", ""),
]:
    TARGET = "/loki/api/v1/" + path.replace("{name}", "app")
    CALLS.append(("get", "/loki/api/v1/" + path, f"{TARGET}?{parameters}", None, {}, 200))
    CALLS.append(("post", "/loki/api/v1/" + path, TARGET, parameters, FORM, 200))
for path in ["/prometheus/api/v1/rules", "/prometheus/api/v1/alerts"]:
    CALLS.append(("get", path, "", None, {}, 200))
    CALLS.append(("post", path, "", "", FORM, 200))
CALLS += [
    ("get", "/loki/api/v1/rules", "", None, {}, 200),
    ("get", "/ready", "", None, {}, 200),
    ("get", "/loki/api/v1/query", "?query=" + urllib.parse.quote("sum("), None, {}, 400),
    ("get", "/loki/api/v1/query", "?" + SELECTOR, None, {}, 400),
    ("get", "/loki/api/v1/query_range", "?limit=100000&" + SELECTOR, None, {}, 400),
    ("get", "/loki/api/v1/query_range", "?direction=sideways&" + SELECTOR, None, {}, 400),
    ("get", "/loki/api/v1/query_range", "?start=2&end=1&" + SELECTOR, None, {}, 400),
    ("get", "/loki/api/v1/labels", "?start=yesterday", None, {}, 400),
    ("get", "/loki/api/v1/tail", "?" + SELECTOR, None, {}, 400),
]

# Elasticsearch's: GET and POST with the same body, of everything and of indices.
TERM = '{"query":{"term":{"level":"ERROR"}}}'
MANY = "{}\n" + TERM + '\n{"index":"x-*"}\n{"size":0}\n'
EL = "/elastic"
for index, named in [("", ""), ("/{index}", "/api-*")]:
    for path, parameters, body in [("_search", "?q=level:ERROR&size=1", TERM), ("_msearch", "", MANY),
                                   ("_count", "?q=level:ERROR", TERM), ("_field_caps", "?fields=*", None)]:
        for method in ["get", "post"]:
            CALLS.append((method, f"{EL}{index}/{path}", f"{EL}{named}/{path}{parameters}", body, JSON, 200))
            if not index and path in ("_search", "_msearch"):
                CALLS.append((method, "/" + path, f"/{path}{parameters}", body, JSON, 200))
    CALLS.append(("get", f"{EL}{index}/_mapping", f"{EL}{named}/_mapping", None, {}, 200))
CALLS += [
    ("get", EL, "", None, {}, 200),
    ("get", EL + "/", "", None, {}, 200),
    ("get", EL + "/_cluster/health", "", None, {}, 200),
    ("get", EL + "/_cat/indices", "?format=json", None, {}, 200),
    ("get", EL + "/_cat/indices", "?v&h=index,docs.count", None, {}, 200),
    ("get", EL + "/_cat/indices/{index}", EL + "/_cat/indices/api-*", None, {}, 200),
    ("get", EL + "/{index}", EL + "/api-*", None, {}, 200),
    ("get", EL + "/{index}", EL + "/nowhere", None, {}, 404),
    ("get", EL + "/{index}/_search", EL + "/api-error-2001.01.01/_search", None, {}, 404),
    ("post", EL + "/_search", "?scroll=1m&size=1", TERM, JSON, 200),
    ("post", EL + "/_search", "", '{"query":{"trem":{}}}', JSON, 400),
    ("get", EL + "/_search", "?sise=1", None, {}, 400),
    ("get", EL + "/_count", "", '{"size":1}', JSON, 400),
    ("post", EL + "/_msearch", "", "", JSON, 400),
    ("get", EL + "/_field_caps", "", None, {}, 400),
    ("get", EL + "/_search/scroll", "?scroll_id={scroll}", None, {}, 200),
    ("post", EL + "/_search/scroll", "", '{"scroll":"1m","scroll_id":"{scroll}"}', JSON, 200),
    ("post", EL + "/_search/scroll", "", '{"scroll_id":"none"}', JSON, 404),
    ("delete", EL + "/_search/scroll", "", '{"scroll_id":"{scroll}"}', JSON, 200),
    ("post", EL + "/{index}/_pit", EL + "/api-*/_pit?keep_alive=1m", None, {}, 200),
    ("post", EL + "/{index}/_pit", EL + "/api-*/_pit", None, {}, 400),
    ("delete", EL + "/_pit", "", '{"id":"{point}"}', JSON, 200),
    ("delete", EL + "/_pit", "", '{"id":"none"}', JSON, 404),
    ("get", EL + "/{index}/_doc/{id}", EL + "/_all/_doc/{document}", None, {}, 200),
    ("get", EL + "/{index}/_doc/{id}", EL + "/api-*/_doc/none", None, {}, 404),
]


def mismatches(document, operation, answer):
    """How a real answer differs from what its operation promises."""
    response = operation["responses"].get(str(answer.status))
    if response is None:
        return [f"status {answer.status} is not described: {answer.body[:300]!r}"]
    content = schema.resolve(response, document).get("content", {})
    if not content:
        return [f"a body was not promised: {answer.body[:100]!r}"] if answer.body else []
    if answer.type not in content:
        return [f"content type {answer.type!r} is none of {list(content)}"]
    rule = content[answer.type]["schema"]
    if answer.type == "application/x-ndjson":
        values = [json.loads(line) for line in answer.body.splitlines()]
    elif answer.type.endswith("json"):
        values = [json.loads(answer.body)]
    else:
        values = [answer.body.decode("latin-1" if answer.type.endswith("octet-stream") else "utf-8")]
    return [each for value in values for each in schema.violations(value, rule, document)]


class OpenapiTest(client.ApiTest):
    server_env = {"TAFFRAIL_ADMIN_TOKEN": TOKEN}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = yaml.safe_load(DOCUMENT.read_text())

    def signed_records(self):
        """How many records the ledger's checkpoint signs, once it signs all of them."""
        while True:
            [ledger] = json.loads(self.get("/api/v1/audit").body)["ledgers"]
            if ledger["signed_size"] == ledger["size"]:
                return ledger["size"]
            time.sleep(0.05)

    def test_the_server_serves_this_document(self):
        self.assertEqual(self.get("/openapi.yaml").body, DOCUMENT.read_bytes())

    def test_every_operation_is_called_with_success(self):
        described = {(method, path) for path, methods in self.document["paths"].items() for method in methods}
        called = {(method, path) for method, path, *_, status in CALLS if status < 300}
        called.add(("get", "/api/v1/tail"))  # test_tail: it has no end
        called.add(("post", "/api/v1/audit/witness/add-checkpoint"))  # tests/audit: it takes two servers
        called.add(("get", "/loki/api/v1/tail"))  # loki_test
        called.add(("delete", DELETE))  # deletes are done when they are answered: none is left to cancel
        self.assertEqual(called, described)

    def sequence_of(self, words):
        return json.loads(self.get("/api/v1/search", query=words, limit=1).body)["sequence"]

    def elastic_ids(self):
        """What Elasticsearch's API calls by an id: a scroll, a point in time, a document."""
        scroll = json.loads(self.get("/elastic/_search", scroll="1m", q="level:ERROR").body)
        point = json.loads(self.send("POST", "/elastic/_all/_pit?keep_alive=1m").body)
        return {"{scroll}": scroll["_scroll_id"], "{point}": point["id"],
                "{document}": scroll["hits"]["hits"][0]["_id"]}

    def test_answers_are_as_described(self):
        for method, path, request, body, headers, status in CALLS:
            target = request if request.startswith("/") else path + request
            if target.startswith(LEDGER):
                target = target.replace("WIDTH", str(self.signed_records()))
            if any(name in target + str(body) for name in ("{scroll}", "{point}", "{document}")):
                for name, value in self.elastic_ids().items():
                    target = target.replace(name, value)
                    body = body and body.replace(name, value)
            if "{pushed}" in target:
                target = target.replace("{pushed}", str(self.sequence_of("pushed")))
            with self.subTest(f"{method} {target[:80]} {status}"):
                answer = self.send(method.upper(), target, body, **headers)
                self.assertEqual(answer.status, status, answer.body[:300])
                self.assertEqual(mismatches(self.document, self.document["paths"][path][method], answer), [])

    def test_every_method_not_described_is_refused(self):
        for path, methods in self.document["paths"].items():
            for method in {"get", "post", "put", "delete", "patch"} - set(methods):
                answer = self.send(method.upper(), path.replace("{id}", "x").replace("{path...}", "x"))
                told = (answer.status, answer.type)
                self.assertEqual(told, (405, "application/problem+json"), f"{method} {path}")

    def test_the_checker_can_fail(self):
        operation = self.document["paths"]["/readyz"]["get"]
        answer = self.get("/readyz")
        self.assertEqual(mismatches(self.document, operation, answer), [])
        whole = answer.body
        for damage in [lambda a: setattr(a, "status", 201),
                       lambda a: setattr(a, "type", "text/html"),
                       lambda a: setattr(a, "body", b"{}"),
                       lambda a: setattr(a, "body", whole.replace(b'"ready":true', b'"ready":1')),
                       lambda a: setattr(a, "body", whole.replace(b'"detail":"', b'"detail":1,"x":"'))]:
            answer = self.get("/readyz")
            damage(answer)
            self.assertNotEqual(mismatches(self.document, operation, answer), [])


class SchemaTest(unittest.TestCase):
    def test_each_rule_accepts_and_refuses(self):
        for rule, good, bad in [
            ({"type": "integer"}, 1, True),
            ({"type": ["string", "null"]}, None, 1),
            ({"required": ["a"]}, {"a": 1}, {}),
            ({"properties": {"a": {"type": "string"}}}, {"a": ""}, {"a": 1}),
            ({"additionalProperties": {"type": "string"}}, {"a": ""}, {"a": 1}),
            ({"items": {"minimum": 0}}, [0], [-1]),
            ({"maximum": 5}, 5, 6),
            ({"minItems": 1}, [1], []),
            ({"allOf": [{"type": "string"}, {"enum": ["a"]}]}, "a", "b"),
            ({"oneOf": [{"type": "string"}, {"const": 1}]}, 1, 2),
            ({"format": "date-time"}, "2025-01-02T03:04:05.5Z", "yesterday"),
        ]:
            with self.subTest(str(rule)):
                self.assertEqual(schema.violations(good, rule, {}), [])
                self.assertNotEqual(schema.violations(bad, rule, {}), [])
        with self.assertRaises(ValueError):
            schema.violations(1, {"multipleOf": 2}, {})


if __name__ == "__main__":
    client.main()
