"""A Taffrail and a Loki side by side, and reading what they answer."""

import collections
import http.client
import json
import pathlib
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "api"))
import client  # noqa: E402  (found through the line above)
import peer  # noqa: E402
import queries  # noqa: E402


class Side:
    """One of the two, over one connection."""

    def __init__(self, url):
        where = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(where.hostname, where.port, timeout=client.SECONDS)

    def send(self, method, path, body=None):
        self.connection.request(method, "/loki/api/v1/" + path, body=body,
                                headers={"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def ask(self, path, **parameters):
        return self.send("GET", path + "?" + urllib.parse.urlencode(parameters))

    def push(self, lines):
        streams = collections.defaultdict(list)
        for stream, at, line in lines:
            streams[stream].append([str(at), line])
        body = {"streams": [{"stream": queries.STREAMS[stream], "values": values}
                            for stream, values in streams.items()]}
        status, said = self.send("POST", "push", json.dumps(body))
        assert status == 204, said


ADDED = ("detected_level", "__error_details__")


def labels_of(labels):
    """Without those that Loki 3 adds of its own, and without the empty, which are as good as none."""
    return tuple(sorted((name, value) for name, value in labels.items() if value and name not in ADDED))


def streams_of(result):
    """{labels: [(time, line)]}, by time and then by line."""
    streams = collections.defaultdict(list)
    for stream in result:
        streams[labels_of(stream["stream"])] += [(int(at), line) for at, line in stream["values"]]
    return {labels: sorted(values) for labels, values in streams.items()}


def points_of(data):
    """{(time, labels): value} of a vector, a matrix or a scalar."""
    if data["resultType"] == "scalar":
        return {(data["result"][0], ()): float(data["result"][1])}
    points = {}
    for series in data["result"]:
        for at, value in series.get("values") or [series["value"]]:
            key = (round(at, 3), labels_of(series["metric"]))
            points[key if key not in points else ("again", *key)] = float(value)
    return points


class PairTest(client.ApiTest):
    """With one of each."""

    @classmethod
    def setUpClass(cls):
        cls.programs = peer.programs()
        super().setUpClass()
        cls.peer = peer.Peer(cls.programs["loki"])
        cls.addClassCleanup(cls.peer.stop)
        cls.us, cls.loki = Side(cls.server.url), Side(cls.peer.url)
        cls.addClassCleanup(cls.us.connection.close)
        cls.addClassCleanup(cls.loki.connection.close)

    @classmethod
    def push_to_both(cls, lines):
        for first in range(0, len(lines), 500):
            for side in (cls.us, cls.loki):
                side.push(lines[first:first + 500])


main = client.main
SECONDS = client.SECONDS
