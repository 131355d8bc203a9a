"""Records that come twice, over real HTTP: acknowledged, counted, and stored once; also across a restart and
kill -9.

REQ D-03
"""

import collections
import json
import threading
import urllib.request

import client
from client import harness

CONFIG = "ingest:\n  dedup_field: record_id\n  dedup_window: {}\n"


def line(number):
    return b'{"ts":"2025-01-01T00:00:00Z","record_id":"rec-%d","n":%d}' % (number, number)


class Dedup(harness.TestCase):
    def start(self, window=1000):
        server = harness.Server(self.dir / "store", "--config", self.write("c.yaml", CONFIG.format(window)))
        self.addCleanup(lambda: server.process.poll() is None and server.kill())
        return server

    def send(self, server, numbers, path="/api/v1/ingest", body=None, **headers):
        body = b"".join(line(n) + b"\n" for n in numbers) if body is None else body
        request = urllib.request.Request(server.url + path, body, headers, method="POST")
        with urllib.request.urlopen(request, timeout=harness.SECONDS) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def stored(self, server):
        found = server.get("/api/v1/search?query=*&limit=0&format=raw").splitlines()
        return collections.Counter(json.loads(text)["n"] for text in found)

    def metric(self, server, name):
        text = server.get("/metrics").decode()
        return int(text.split(f"\n{name} ")[1].split("\n")[0])

    def test_twice_is_once_and_both_are_acknowledged(self):
        server = self.start()
        self.assertEqual(self.send(server, range(10))["duplicates"], 0)
        summary = self.send(server, [9, 10, 10, 11])
        self.assertEqual((summary["accepted"], summary["duplicates"]), (4, 2))
        push = {"streams": [{"stream": {"app": "x"}, "values": [["1735689600000000000", line(n).decode()]
                                                                for n in (11, 12)]}]}
        self.send(server, [], "/loki/api/v1/push", json.dumps(push).encode(),
                  **{"Content-Type": "application/json"})
        self.assertEqual(self.stored(server), collections.Counter(range(13)))
        self.assertEqual(self.metric(server, "taffrail_ingest_duplicates_total"), 3)
        self.assertEqual(self.metric(server, "taffrail_ingest_dedup_ids"), 13)
        self.assertEqual(server.stop(), harness.DONE)

    def test_a_restart_remembers(self):
        server = self.start()
        self.send(server, range(50))
        self.assertEqual(server.stop(), harness.DONE)
        server = self.start()
        self.assertEqual(self.send(server, range(60))["duplicates"], 50)
        server.kill()
        server = self.start(window=20)  # the newest: 40 and later
        self.assertEqual(self.send(server, range(40, 60))["duplicates"], 20)
        self.assertEqual(self.send(server, [39])["duplicates"], 0)
        self.assertEqual(self.stored(server), collections.Counter([*range(60), 39]))
        self.assertEqual(server.stop(), harness.DONE)

    def test_kill_9_between_senders_that_send_again(self):
        """Two senders send the same chunks, each until it is acknowledged: every line is there, and once."""
        state = {"server": self.start(window=100_000)}
        chunks = [range(i * 40, i * 40 + 40) for i in range(120)]
        progress = [0, 0]

        def sender(which):
            for chunk in chunks:
                while True:
                    try:
                        self.send(state["server"], chunk)
                        break
                    except OSError:  # the server is away
                        pass
                progress[which] += 1

        threads = [threading.Thread(target=sender, args=(which,)) for which in range(2)]
        for thread in threads:
            thread.start()
        for kill in range(1, 4):
            while min(progress) < kill * 25:
                threads[0].join(0.001)
            state["server"].kill()
            state["server"] = self.start(window=100_000)
        for thread in threads:
            thread.join()
        self.assertEqual(self.stored(state["server"]), collections.Counter(range(120 * 40)))
        self.assertEqual(state["server"].stop(), harness.DONE)
        self.ok("store", "verify", self.dir / "store")


if __name__ == "__main__":
    client.main()
