"""kill -9 of the server, fifty times, at random moments of an import.

The client here is as plain as can be, so that what it knows is certain: it sends numbered lines in chunks,
writes down which chunks were acknowledged, never sends a chunk again, and goes on with the next one after the
server is back. Then: no acknowledged line is lost, none is there twice, none is changed, and what was not
acknowledged is there whole or not at all, line by line.
"""

import http.client
import os
import random
import threading
import time
import urllib.parse

import harness
from harness import Server, TestCase

KILLS = int(os.environ.get("TAFFRAIL_KILLS", "50"))
CHUNK_LINES = 400


def line(number):
    """Everything in it follows from its number, so that a change shows."""
    return b'{"ts":"2025-01-01T00:00:%02d.%03dZ","n":%d,"check":"%x","message":"line %d %s"}' % (
        number // 1000 % 60, number % 1000, number, number * 2654435761, number, b"x" * (number % 97))


class Client(threading.Thread):
    """Sends chunk after chunk to wherever the server is just now."""

    def __init__(self):
        super().__init__(daemon=True)
        self.address = None
        self.next_chunk = 0
        self.acknowledged = []
        self.stopping = False

    def run(self):
        connection = None
        while not self.stopping:
            chunk = self.next_chunk
            body = b"".join(line(n) + b"\n" for n in range(chunk * CHUNK_LINES, (chunk + 1) * CHUNK_LINES))
            try:
                if connection is None:
                    if self.address is None:
                        time.sleep(0.001)
                        continue
                    connection = http.client.HTTPConnection(self.address, timeout=30)
                    connection.connect()
            except OSError:
                connection = None
                continue  # nothing was sent
            self.next_chunk += 1  # whatever becomes of it, it is not sent again
            try:
                connection.request("POST", "/api/v1/ingest", body)
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    self.acknowledged.append(chunk)
            except (OSError, http.client.HTTPException):
                connection.close()
                connection = None


class Kill9(TestCase):
    def test_no_acknowledged_line_is_lost_twice_or_changed(self):  # REQ D-02 REQ I-04
        seed = int(os.environ.get("TAFFRAIL_SEED", time.time_ns() % 1_000_000))
        print(f"TAFFRAIL_SEED={seed}")  # to see a failure again, as far as timing allows
        rng = random.Random(seed)
        store = self.dir / "store"
        client = Client()
        client.start()
        for _ in range(KILLS):
            server = Server(store)
            client.address = urllib.parse.urlsplit(server.url).netloc
            acknowledged = len(client.acknowledged)
            time.sleep(rng.uniform(0.0, 0.4))
            while len(client.acknowledged) == acknowledged:  # every life has some work done
                time.sleep(0.001)
            client.address = None
            server.kill()
        client.stopping = True
        client.join()
        self.ok("store", "verify", store)
        self.check(self.ok("search", "--data", store, "*", "--limit", "0", "--format", "raw"), client)

    def check(self, found, client):
        numbers = []
        for text in found.splitlines():
            number = int(text.split(b'"n":', 1)[1].split(b",", 1)[0])
            self.assertEqual(text, line(number), "a line was changed")
            numbers.append(number)
        self.assertEqual(len(numbers), len(set(numbers)), "a line is there twice")
        there = set(numbers)
        lost = [chunk for chunk in client.acknowledged
                if not there.issuperset(range(chunk * CHUNK_LINES, (chunk + 1) * CHUNK_LINES))]
        self.assertEqual(lost, [], "acknowledged lines were lost")
        self.assertLess(max(there), client.next_chunk * CHUNK_LINES)
        print(f"{KILLS} kills, {client.next_chunk} chunks sent, {len(client.acknowledged)} acknowledged, "
              f"{len(there)} lines found")


if __name__ == "__main__":
    harness.main()
