"""Every kind of bad input that docs/ingest.md names, over real HTTP: it gets the treatment stated there, it
is counted, and nothing else of its batch is lost.

REQ I-01, REQ I-04, REQ L-01
"""

import gzip
import json
import socket
import time
import zlib

import client

CLIP_BYTES = 2 << 20
JSON = {"Content_Type": "application/json"}


def nested(levels, opening, closing, inner=b"1"):
    return b'{"deep":' + opening * levels + inner + closing * levels + b"}"


class LinesTest(client.ApiTest):
    def ingest(self, odd, expected=None, **counts):
        """Sends the odd lines between good neighbours. All must come back as `expected` (default: as sent),
        and each count must be in the answer and in /metrics."""
        odd = odd if isinstance(odd, list) else [odd]
        mark = f"{type(self).__name__}.{self.id()}.{time.monotonic_ns()}".encode()
        before = [b'{"neighbour":"before","mark":"' + mark + b'"}', b"neighbour as text " + mark]
        after = [b'{"neighbour":"after","mark":"' + mark + b'"}']
        known = sorted(self.lines())
        metrics = self.metrics()
        answer = self.send("POST", "/api/v1/ingest", b"\n".join(before + odd + after) + b"\n")
        self.assertEqual(answer.status, 200, answer.body)
        summary = json.loads(answer.body)
        stored = before + (odd if expected is None else expected) + after
        self.assertEqual(summary["accepted"], len(stored))
        new = sorted(self.lines())
        for line in known:
            new.remove(line)
        self.assertEqual(new, sorted(stored))
        now = self.metrics()
        for name, count in counts.items():
            self.assertEqual(summary[name], count, f"{name} in {summary}")
            if name not in ("json", "text"):
                self.assertEqual(self.odd(now, name) - self.odd(metrics, name), count, name)
        rows = "taffrail_commit_rows_total"
        self.assertEqual(now[rows] - metrics[rows], len(stored))
        return summary

    def test_not_json(self):
        self.ingest([b"plain", b"[1,2]", b"42", b"<xml/>"], text=5, json=2, malformed_json=0)

    def test_cut_off_json(self):
        self.ingest([b'{"a":1', b'{"a":"', b'{"a":tru}'], malformed_json=3)

    def test_invalid_utf8(self):
        self.ingest([b"\xff\xfe\x80", b'{"a":"\xc3\x28"}', b"\xed\xa0\x80"], invalid_utf8=3)

    def test_nul_bytes(self):
        self.ingest([b"a\0b", b'{"a":"\0"}', b"\0"], with_nul=3)

    def test_a_line_of_100_mb(self):
        size = 100 << 20
        line = b'{"huge":"' + b"x" * (size - 11) + b'"}'
        clipped = line[:CLIP_BYTES] + "…[clipped {} bytes]".format(size - CLIP_BYTES).encode()
        self.ingest(line, [clipped], clipped=1, text=2)

    def test_deep_nesting(self):
        self.ingest([nested(1000, b"[", b"]"), nested(1000, b'{"k":', b"}")], deep_nesting=2, json=4)
        self.ingest([nested(100_000, b"[", b"]"), b"[" * 100_000], malformed_json=1, text=3)

    def test_duplicate_keys(self):
        self.ingest([b'{"a":1,"a":2}', b'{"o":{"k":"x","k":null}}'], repeated_keys=2)

    def test_numbers_beyond_double(self):
        numbers = [b"1e999", b"-1e400", b"123456789012345678901234567890", b"-0"]
        self.ingest([b'{"n":' + number + b"}" for number in numbers], huge_numbers=2)

    def test_blank_lines_and_line_ends(self):
        kept = [b'{"a":1}\r', b"text\r"]
        self.ingest([b"", b"\r"] + kept, kept, blank=2)

    def test_times(self):
        moment = "2024-03-05T06:07:08.250000000Z"
        forms = ["2024-03-05T06:07:08.25Z", "2024-03-05 06:07:08,250", "2024-03-05T07:07:08.25+01:00",
                 1709618828.25, 1709618828250, "1709618828250000"]
        lines = [json.dumps({"timestamp": form, "form": True}).encode() for form in forms]
        self.ingest(lines, time_missing=3)  # the neighbours
        records = json.loads(self.get("/api/v1/search", query="form:true", format="json").body)["records"]
        self.assertEqual([record["timestamp"] for record in records], [moment] * len(forms))

    def test_times_that_are_none(self):
        times = [b'"soon"', b'"0000-00-00"', b"-5"]
        self.ingest([b'{"timestamp":' + time + b"}" for time in times], time_unreadable=3)
        self.ingest([b'{"timestamp":"2199-01-01T00:00:00Z"}'], time_future=1)


class UploadsTest(client.ApiTest):
    def refused(self, reason):
        return self.metrics().get(f'taffrail_ingest_refused_total{{reason="{reason}"}}', 0)

    def test_truncated_gzip(self):
        lines = [f'{{"gzip":{n},"words":"{n * 7919} and more"}}'.encode() for n in range(20_000)]
        body = gzip.compress(b"\n".join(lines) + b"\n")
        refused = self.refused("damaged_body")
        answer = self.send("POST", "/api/v1/ingest", body[:len(body) // 2], Content_Encoding="gzip")
        self.assertEqual((answer.status, answer.type), (400, "application/problem+json"), answer.body)
        problem = json.loads(answer.body)
        accepted = problem["accepted_lines"]
        self.assertGreater(accepted, 0)
        self.assertEqual(problem["failed_line"], accepted + 1)
        self.assertEqual(self.lines("gzip:*"), lines[:accepted])
        self.assertEqual(self.refused("damaged_body"), refused + 1)
        # Going on from there completes the upload: nothing is lost, nothing is there twice.
        rest = self.send("POST", "/api/v1/ingest", b"\n".join(lines[problem["failed_line"] - 1:]))
        self.assertEqual(rest.status, 200)
        self.assertEqual(self.lines("gzip:*"), lines)

    def test_damaged_gzip(self):
        answer = self.send("POST", "/api/v1/ingest", b"this is no gzip", Content_Encoding="gzip")
        self.assertEqual(answer.status, 400)
        self.assertEqual(json.loads(answer.body)["accepted_lines"], 0)

    def test_a_bomb(self):
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        bomb = b"".join(packer.compress(b"x" * (1 << 20)) for _ in range(70)) + packer.flush()
        answer = self.send("POST", "/loki/api/v1/push", bomb, Content_Encoding="gzip", **JSON)
        self.assertEqual((answer.status, answer.type), (413, "application/problem+json"), answer.body)

    def test_a_sender_that_leaves(self):
        with socket.create_connection((self.host, self.port), timeout=client.SECONDS) as connection:
            connection.sendall(b"POST /api/v1/ingest HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
                               b"left whole\nleft half")
        deadline = time.monotonic() + client.SECONDS
        while not self.lines("left") and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(self.lines("left"), [b"left whole"])

    def test_hostile_heads(self):
        status = lambda answer: int(answer.split(b" ", 2)[1])  # noqa: E731
        ask = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-ID: %b\r\n\r\n"
        harmless = [b"\"><script>", b"${jndi:ldap://x}", b"%0d%0aSet-Cookie:a=b", "ключ".encode(),
                    b"x" * 8000]
        for request_id in harmless:
            answer = self.raw(ask % request_id)
            self.assertEqual(status(answer), 200, request_id[:20])
            self.assertNotIn(b"Set-Cookie", answer)
        for request_id in [b"a\0b", b"a\rb"]:
            self.assertEqual(status(self.raw(ask % request_id)), 400, request_id)
        self.assertEqual(status(self.raw(ask % (b"x" * 100_000))), 431)

    def test_a_hostile_id_in_the_path(self):
        for name in ["%0d%0aX-Injected:%201", "..%2f..%2fetc%2fpasswd", "%22%3E%3Cscript%3E", "%ff%fe"]:
            answer = self.send("GET", "/api/v1/trail/" + name)
            self.assertEqual((answer.status, answer.type), (404, "application/problem+json"), name)
            self.assertNotIn("X-Injected", answer.headers)
            json.loads(answer.body)
        self.assertEqual(self.send("GET", "/api/v1/trail/%00").status, 400)


class LokiTest(client.ApiTest):
    def push(self, body, **headers):
        return self.send("POST", "/loki/api/v1/push", body, **(headers or JSON))

    def test_one_odd_line_costs_no_other(self):
        body = (b'{"streams":[{"stream":{"app":"odd"},"values":[["1","before"],["2","\xff\xfe"],'
                b'["3","half \\ud800 pair"],["4","{\\"cut\\":"],["5","after"]]}]}')
        before = self.metrics()
        self.assertEqual(self.push(body).status, 204)
        stored = self.lines("app:odd")
        self.assertEqual(stored, [b"before", b"\xff\xfe", "half \ufffd pair".encode(), b'{"cut":', b"after"])
        after = self.metrics()
        for oddity in ("invalid_utf8", "malformed_json"):
            self.assertEqual(self.odd(after, oddity) - self.odd(before, oddity), 1, oddity)

    def test_a_broken_push_names_the_place(self):
        answer = self.push('{"streams":[{"stream":{"app":"bad"},"values":[["1","a"],["soon","b"]]}]}')
        self.assertEqual(answer.status, 400)
        self.assertIn("streams[0].values[1]", json.loads(answer.body)["detail"])
        self.assertEqual(self.lines("app:bad"), [])

    def test_snappy_protobuf(self):
        def field(number, data):
            return bytes([number << 3 | 2, len(data)]) + data
        metadata = field(3, field(1, b"k") + field(2, b"v"))
        entry = field(1, b"\x08\x05\x10\x07") + field(2, b"from protobuf") + metadata
        message = field(1, field(1, b'{app="pb"}') + field(2, entry))
        block = bytes([len(message), 60 << 2, len(message) - 1]) + message  # one literal
        self.assertEqual(self.push(block, Content_Type="application/x-protobuf").status, 204)
        record = json.loads(self.get("/api/v1/search", query="app:pb").body)
        del record["sequence"]
        self.assertEqual(record, {"timestamp": "1970-01-01T00:00:05.000000007Z", "stream": {"app": "pb"},
                                  "attributes": {"k": "v"}, "record": "from protobuf"})


if __name__ == "__main__":
    client.main()
