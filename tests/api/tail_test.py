"""Live tail over real HTTP: what matches comes, what does not stays away, and a slow reader holds nobody up.

REQ Q-09
"""

import http.client
import json
import urllib.parse

import client


class TailTest(client.ApiTest):
    def open(self, query, lang="search"):
        self.connection = http.client.HTTPConnection(self.host, self.port, timeout=client.SECONDS)
        self.addCleanup(self.connection.close)
        self.connection.request("GET", "/api/v1/tail?lang=" + lang + "&query=" + urllib.parse.quote(query))
        stream = self.connection.getresponse()
        self.assertEqual((stream.status, stream.headers["Content-Type"]), (200, "text/event-stream"))
        self.assertTrue(stream.readline().startswith(b":"))  # it is open: what is sent from now on will come
        return stream

    def events(self, stream):
        """(name, data) of each event."""
        name, data = "message", None
        for line in iter(stream.readline, b""):
            line = line.rstrip(b"\n")
            if line.startswith(b"event: "):
                name = line[7:].decode()
            elif line.startswith(b"data: "):
                data = json.loads(line[6:])
            elif line == b"" and data is not None:
                yield name, data
                name, data = "message", None

    def ingest(self, text):
        self.assertEqual(self.send("POST", "/api/v1/ingest", text).status, 200)

    def test_what_matches_comes_in_order(self):
        events = self.events(self.open("level:ERROR"))
        self.ingest('{"level":"INFO","n":1}\n{"level":"ERROR","n":2}\r\nERROR as text\n')
        self.ingest('{"level":"ERROR","n":3}\n')
        seen = [next(events), next(events)]
        numbers = [(name, data["record"]["n"]) for name, data in seen]
        self.assertEqual(numbers, [("message", 2), ("message", 3)])
        self.assertLess(seen[0][1]["sequence"], seen[1][1]["sequence"])

    def test_any_language_filters(self):  # REQ Q-04
        self.ingest('{"level":"INFO","m":"before"}\n')
        streams = {lang: self.events(self.open(query, lang)) for lang, query in [
            ("jq", 'select(.n > 2) | {n, twice: (.n * 2)}'),
            ("insights", "filter n > 2 and kind = 'x'"),
            ("elastic", '{"query":{"bool":{"filter":[{"range":{"n":{"gt":2}}},{"term":{"kind":"x"}}]}}}'),
            ("logql", '{job="t"} | json | n > 2'),
        ]}
        for n in range(1, 5):
            self.assertEqual(self.send("POST", "/api/v1/ingest?stream_fields=job",
                                       f'{{"job":"t","kind":"x","n":{n}}}\n').status, 200)
        for lang, events in streams.items():
            seen = [next(events)[1]["record"] for _ in range(2)]
            self.assertEqual([record["n"] for record in seen], [3, 4], lang)
            self.assertEqual(seen[1].get("twice"), 8 if lang == "jq" else None)

    def test_jq_failures_are_told_once_and_mistakes_refused(self):  # REQ Q-04
        events = self.events(self.open(".n + {}", "jq"))
        for _ in range(3):
            self.ingest('{"n":1}\n{"n":{"a":2}}\n')
        seen = [next(events) for _ in range(4)]
        self.assertEqual(sorted(name for name, _ in seen), ["message"] * 3 + ["note"])
        notes = [data for name, data in seen if name == "note"]
        self.assertIn("the jq filter failed for 1 line", notes[0][0]["message"])
        for lang, query in [("jq", ".["), ("search", "* | count by level"), ("insights", "stats count()")]:
            answer = self.get("/api/v1/tail", lang=lang, query=query)
            self.assertEqual(answer.status, 400, query)

    def test_a_slow_reader_is_told_what_it_lost(self):
        stream = self.open("flood:*")
        line = b'{"flood":"' + b"x" * 1000 + b'"}\n'
        sent = 0
        while not self.metrics()["taffrail_standing_dropped_total"]:
            self.ingest(line * 8000)
            sent += 8000
            self.assertLess(sent, 1_000_000, "nothing was ever dropped")
        self.assertEqual(len(self.lines("flood:*")), sent)  # ingest lost nothing
        dropped = self.metrics()["taffrail_standing_dropped_total"]
        events = self.events(stream)
        came = lost = 0
        while came < sent - dropped:  # what was not dropped waits for us
            name, data = next(events)
            came += name == "message"
            lost += data.get("dropped", 0)
        self.ingest(b'{"flood":"last"}\n')  # there is room again: first comes what was lost, then this
        while data.get("record") != {"flood": "last"}:
            name, data = next(events)
            lost += data.get("dropped", 0)
        self.assertEqual(lost, dropped)

    def test_the_tail_ends_with_its_client(self):
        before = self.metrics()["taffrail_tails"]
        stream = self.open("*")
        self.assertEqual(self.metrics()["taffrail_tails"], before + 1)
        stream.close()
        self.connection.close()
        for _ in range(1000):
            if self.metrics()["taffrail_tails"] == before:
                return
            self.ingest("a line to write\n")
        self.fail("the tail is still open")


if __name__ == "__main__":
    client.main()
