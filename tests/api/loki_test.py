"""Loki's HTTP API as Grafana and logcli use it: its JSON, its errors, its tail over a WebSocket.

REQ Q-08, REQ Q-09
"""

import base64
import gzip
import json
import os
import socket
import struct
import time
import urllib.parse

import client

FORM = {"Content_Type": "application/x-www-form-urlencoded"}
START = 1_700_000_000  # seconds


def entry(second, line, **metadata):
    stamp = str((START + second) * 10**9)
    return [stamp, line, metadata] if metadata else [stamp, line]


PUSH = {"streams": [
    {"stream": {"app": "api", "env": "prod"}, "values": [
        entry(0, "level=info status=200 took=10ms"),
        entry(1, "level=error status=500 took=2s", trace_id="t1"),
        entry(2, "level=info status=200 took=30ms")]},
    {"stream": {"app": "web"}, "values": [
        entry(3, '{"level":"warn","user":{"id":7},"path":"/a"}'),
        entry(4, '{"level":"info","user":{"id":8},"path":"/b"}')]},
]}


class WebSocket:
    """A client's side of RFC 6455, as much as a tail needs."""

    def __init__(self, host, port, path):
        self.socket = socket.create_connection((host, port), timeout=client.SECONDS)
        key = base64.b64encode(os.urandom(16)).decode()
        head = [f"GET {path} HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade",
                f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", ""]
        self.socket.sendall("\r\n".join(head).encode())
        self.data = b""
        while b"\r\n\r\n" not in self.data:
            self.data += self.socket.recv(65536)
        self.head, self.data = self.data.split(b"\r\n\r\n", 1)

    def _take(self, size):
        while len(self.data) < size:
            piece = self.socket.recv(65536)
            if not piece:
                raise EOFError
            self.data += piece
        taken, self.data = self.data[:size], self.data[size:]
        return taken

    def frame(self):
        first, second = self._take(2)
        size = second & 127
        if size == 126:
            size = struct.unpack(">H", self._take(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self._take(8))[0]
        return first & 15, self._take(size)

    def message(self):
        while True:
            opcode, payload = self.frame()
            if opcode == 1:
                return json.loads(payload)

    def send(self, opcode, payload=b""):
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self.socket.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked)

    def close(self):
        self.socket.close()


class LokiTest(client.ApiTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        pushed = cls.push(cls, PUSH)
        assert pushed.status == 204, pushed.body

    def push(self, body):
        return client.ApiTest.send(self, "POST", "/loki/api/v1/push", json.dumps(body),
                                   Content_Type="application/json")

    def ask(self, path, **parameters):
        answer = self.get("/loki/api/v1/" + path, **parameters)
        self.assertEqual(answer.status, 200, answer.body)
        return json.loads(answer.body)

    def range(self, query, **parameters):
        return self.ask("query_range", query=query, start=START, end=START + 10, **parameters)["data"]

    def error(self, path, **parameters):
        answer = self.get("/loki/api/v1/" + path, **parameters)
        self.assertEqual((answer.status, answer.type), (400, "text/plain"), answer.body)
        return answer.body.decode()

    def test_streams(self):
        data = self.range('{app="api"}', direction="forward")
        self.assertEqual(data["resultType"], "streams")
        lines = [value for stream in data["result"] for value in stream["values"]]
        self.assertEqual(sorted(lines)[0], [str(START * 10**9), "level=info status=200 took=10ms"])
        self.assertEqual(len(lines), 3)
        error = [s for s in data["result"] if s["stream"].get("trace_id") == "t1"][0]
        self.assertEqual(error["stream"],
                         {"app": "api", "env": "prod", "trace_id": "t1", "detected_level": "error"})
        self.assertEqual(data["stats"]["summary"]["totalEntriesReturned"], 3)

    def test_parsed_labels_limit_and_direction(self):
        data = self.range('{app="api"} | logfmt | status="200" | line_format "{{.took}}"', limit=1)
        self.assertEqual(len(data["result"]), 1)
        self.assertEqual(data["result"][0]["values"], [[str((START + 2) * 10**9), "30ms"]])
        self.assertEqual(data["result"][0]["stream"]["took"], "30ms")

    def test_warnings_name_labels_that_no_line_has(self):  # REQ Q-05
        within = {"start": START, "end": START + 10}
        for query, field, meant in [
            ('{ap="api"}', "ap", "app"),
            ('{app="web"} | json | pth="/a"', "pth", "path"),
            ('sum(count_over_time({envv="prod"}[1m]))', "envv", "env"),
        ]:
            answer = self.ask("query_range", query=query, **within)
            self.assertEqual(len(answer["warnings"]), 1, query)
            self.assertIn(f'"{field}"; did you mean "{meant}"?', answer["warnings"][0])
            self.assertEqual((answer["status"], answer["data"]["result"]), ("success", []))
        for query in ('{app="api"}', '{app="none"}', 'sum(count_over_time({app="api"}[1m]))'):
            self.assertNotIn("warnings", self.ask("query_range", query=query, **within), query)
        instant = self.ask("query", query='count_over_time({ap="api"}[1m])', time=START + 5)
        self.assertIn("did you mean", instant["warnings"][0])

    def test_interval(self):
        def seconds(**parameters):
            data = self.range('{app=~".+"}', **parameters)["result"]
            return sorted(int(at) // 10**9 - START for stream in data for at, _ in stream["values"])

        self.assertEqual(seconds(interval="2s", direction="forward"), [0, 2, 4])
        self.assertEqual(seconds(interval="3", direction="backward"), [1, 4])
        self.assertEqual(seconds(interval="2s", direction="forward", limit=2), [0, 2])
        self.assertEqual(seconds(interval="0", limit=5), [0, 1, 2, 3, 4])
        self.assertIn("interval must be >= 0", self.error("query_range", query='{app="api"}', interval=-1))

    def test_categorized_labels(self):
        answer = self.send("GET", "/loki/api/v1/query_range?" + urllib.parse.urlencode(
            {"query": '{app="api"} | logfmt | status="500"', "start": START, "end": START + 10}),
            **{"X_Loki_Response_Encoding_Flags": "categorize-labels"})
        data = json.loads(answer.body)["data"]
        self.assertEqual(data["encodingFlags"], ["categorize-labels"])
        self.assertEqual(data["result"][0]["stream"], {"app": "api", "env": "prod"})
        _, line, categories = data["result"][0]["values"][0]
        self.assertEqual(line, "level=error status=500 took=2s")
        self.assertEqual(categories["structuredMetadata"], {"trace_id": "t1", "detected_level": "error"})
        self.assertEqual(categories["parsed"], {"level": "error", "status": "500", "took": "2s"})

    def test_matrix_vector_and_scalar(self):
        data = self.range('sum by (app) (count_over_time({app=~".+"}[5s]))', step=5)
        self.assertEqual(data["resultType"], "matrix")
        self.assertEqual(data["result"], [
            {"metric": {"app": "api"}, "values": [[START, "1"], [START + 5, "2"]]},
            {"metric": {"app": "web"}, "values": [[START + 5, "2"]]}])
        data = self.ask("query", query='sum(rate({app="api"}[4s]))', time=START + 2)["data"]
        self.assertEqual((data["resultType"], data["result"]),
                         ("vector", [{"metric": {}, "value": [START + 2, "0.75"]}]))
        data = self.ask("query", query="1 + 1", time=START)["data"]
        self.assertEqual((data["resultType"], data["result"]), ("scalar", [START, "2"]))
        data = self.ask("query", query="vector(1)", time=START)["data"]
        self.assertEqual(data["result"][0]["value"], [START, "1"])

    def test_times_and_forms(self):
        for start, end in [(START, START + 10), (START * 10**9, (START + 10) * 10**9),
                           (f"{START}.0", f"{START + 10}.5"),
                           ("2023-11-14T22:13:20Z", "2023-11-14T22:13:30Z")]:
            data = self.ask("query_range", query='{app="web"}', start=start, end=end)["data"]
            self.assertEqual(sum(len(stream["values"]) for stream in data["result"]), 2, (start, end))
        answer = self.send("POST", "/loki/api/v1/query_range", urllib.parse.urlencode(
            {"query": '{app="web"}', "start": START, "end": START + 10}), **FORM)
        self.assertEqual(len(json.loads(answer.body)["data"]["result"]), 2)
        tenant = self.send("GET", "/loki/api/v1/labels", X_Scope_OrgID="someone")
        self.assertEqual(tenant.status, 200)

    def test_labels_values_and_series(self):
        within = {"start": START, "end": START + 10}
        self.assertEqual(self.ask("labels", **within)["data"], ["app", "env"])
        self.assertEqual(self.ask("label/app/values", **within)["data"], ["api", "web"])
        self.assertEqual(self.ask("label/app/values", query='{env="prod"}', **within)["data"], ["api"])
        self.assertEqual(self.ask("label/none/values", **within)["data"], [])
        self.assertEqual(self.ask("series", **{"match[]": '{app="api"}'}, **within)["data"],
                         [{"app": "api", "env": "prod"}])
        self.assertEqual(self.ask("labels", start=START + 100, end=START + 200)["data"], [])

    def test_index(self):
        within = {"start": START, "end": START + 10}
        stats = self.ask("index/stats", query='{app="api"}', **within)
        self.assertEqual((stats["streams"], stats["entries"], stats["bytes"]), (1, 3, 31 + 30 + 31))
        volume = self.ask("index/volume", query='{app=~".+"}', **within)["data"]
        self.assertEqual([one["metric"]["app"] for one in volume["result"]], ["api", "web"])
        self.assertEqual(volume["result"][0]["value"], [START + 10, "92"])
        volume = self.ask("index/volume_range", query='{app="api"}', step=5, **within)["data"]
        self.assertEqual(volume["result"][0]["values"], [[START, "92"]])
        self.assertEqual(self.ask("index/volume", query='{app="api"}', aggregateBy="labels",
                                  targetLabels="env", **within)["data"]["result"][0]["metric"], {"env": ""})

    def test_detected_fields_and_patterns(self):
        within = {"start": START, "end": START + 10}
        found = self.ask("detected_fields", query='{app=~".+"}', **within)["fields"]
        fields = {field["label"]: field for field in found}
        status = fields["status"]
        self.assertEqual((status["type"], status["parsers"], status["cardinality"]), ("int", ["logfmt"], 2))
        self.assertEqual(fields["took"]["type"], "duration")
        self.assertEqual(fields["user_id"]["parsers"], ["json"])
        values = self.ask("detected_field/path/values", query='{app="web"}', **within)["values"]
        self.assertEqual(values, ["/a", "/b"])
        labels = self.ask("detected_labels", **within)["detectedLabels"]
        self.assertEqual(labels, [{"label": "app", "cardinality": 2}, {"label": "env", "cardinality": 1}])
        patterns = self.ask("patterns", query='{app="api"}', **within)["data"]
        self.assertEqual(sum(count for pattern in patterns for _, count in pattern["samples"]), 3)

    def test_about_itself(self):
        self.assertEqual(self.get("/ready").body, b"ready\n")
        self.assertIn("version", self.ask("status/buildinfo"))
        self.assertEqual(json.loads(self.get("/prometheus/api/v1/rules").body)["data"]["groups"], [])
        self.assertEqual(self.ask("format_query", query='{a="b"}|json|c>5')["data"], '{a="b"} | json | c > 5')

    def test_errors_are_lokis(self):
        self.assertEqual(self.error("query_range", query="{app="),
                         "parse error at line 1, col 6: syntax error: "
                         "expected a text in double quotes or backticks\n")
        self.assertIn("line 2, col 9", self.error("query_range", query='{a="b"}\n| json |'))
        self.assertIn("max entries limit per query exceeded, limit > max_entries_limit_per_query (5001 > "
                      "5000)", self.error("query_range", query="{}", limit=5001))
        self.assertIn("log queries are not supported as an instant query type",
                      self.error("query", query="{}"))
        self.assertIn("exceeded maximum resolution of 11,000 points", self.error(
            "query_range", query="rate({}[1m])", start=START, end=START + 100000, step=1))
        self.assertIn("zero or negative query resolution",
                      self.error("query_range", query="rate({}[1m])", start=START, end=START + 10, step=0))
        self.assertIn("end timestamp must not be before",
                      self.error("query_range", query="{}", start=2, end=1))
        query = 'sum by (app) (count_over_time({app="api"} | json [10s]))'
        self.assertIn("pipeline error: 'JSONParserErr'", self.error("query", query=query, time=START + 5))

    def test_gzip(self):
        answer = self.send("GET", "/loki/api/v1/query_range?" + urllib.parse.urlencode(
            {"query": '{app=~".+"}', "start": START, "end": START + 10}), Accept_Encoding="gzip")
        self.assertEqual(answer.headers["Content-Encoding"], "gzip")
        self.assertEqual(json.loads(gzip.decompress(answer.body))["status"], "success")

    def test_tail(self):
        path = "/loki/api/v1/tail?" + urllib.parse.urlencode(
            {"query": '{app="tailed"} | logfmt | n!="2" | line_format "n is {{.n}}"', "limit": 10})
        before = {"streams": [{"stream": {"app": "tailed"}, "values": [[str(time.time_ns()), "n=0"]]}]}
        self.assertEqual(self.push(before).status, 204)
        tail = WebSocket(self.host, self.port, path)
        self.addCleanup(tail.close)
        self.assertIn(b"101 Switching Protocols", tail.head)
        self.assertEqual(tail.message()["streams"][0]["values"][0][1], "n is 0")
        more = {"streams": [{"stream": {"app": "tailed"}, "values": [
            [str(time.time_ns() + i), f"n={i}"] for i in (1, 2, 3)]}]}
        self.assertEqual(self.push(more).status, 204)
        seen = []
        while len(seen) < 2:
            for stream in tail.message()["streams"]:
                self.assertEqual(stream["stream"]["app"], "tailed")
                seen += [line for _, line in stream["values"]]
        self.assertEqual(sorted(seen), ["n is 1", "n is 3"])
        tail.send(9, b"there?")
        while (frame := tail.frame())[0] != 10:
            pass
        self.assertEqual(frame[1], b"there?")
        tail.send(8)
        self.assertEqual(tail.frame()[0], 8)
        with self.assertRaises(EOFError):
            tail.frame()

    def test_tail_refuses(self):
        self.assertIn("only log queries can be tailed", self.error("tail", query="rate({}[1m])"))
        self.assertIn("Upgrade: websocket", self.error("tail", query="{}"))
        self.assertIn("delay_for", self.error("tail", query="{}", delay_for=6))


if __name__ == "__main__":
    client.main()
