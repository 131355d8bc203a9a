"""What the tests of the API share: requests to a server of one's own, and reading what it says of itself."""

import http.client
import pathlib
import re
import socket
import sys
import tempfile
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
import harness  # noqa: E402  (found through the line above)

SECONDS = harness.SECONDS


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.type = (response.headers.get("Content-Type") or "").split(";")[0]
        self.body = response.read()


class ApiTest(unittest.TestCase):
    """Each class has a server, and each test may fill it further."""

    maxDiff = 4000
    server_env = {}

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="taffrail-api-")
        cls.addClassCleanup(holder.cleanup)
        cls.server = harness.Server(holder.name, env=cls.server_env)
        cls.addClassCleanup(cls._stop)
        where = urllib.parse.urlsplit(cls.server.url)
        cls.host, cls.port = where.hostname, where.port

    @classmethod
    def _stop(cls):
        assert cls.server.stop() == harness.DONE, "the server did not end well"

    def send(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=SECONDS)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body=body, headers=names)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **parameters):
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        return self.send("GET", path + query)

    def raw(self, text):
        """What the server answers to these very bytes, to the end of the connection."""
        with socket.create_connection((self.host, self.port), timeout=SECONDS) as connection:
            connection.sendall(text)
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
            return answer

    def lines(self, query="*"):
        """The stored lines that match, byte for byte."""
        answer = self.get("/api/v1/search", query=query, limit=0, format="raw")
        self.assertEqual(answer.status, 200, answer.body)
        self.assertTrue(answer.body == b"" or answer.body.endswith(b"\n"))
        return answer.body.split(b"\n")[:-1]

    def metrics(self):
        """{'name{labels}': value} of /metrics."""
        text = self.get("/metrics").body.decode()
        samples = re.findall(r"^([a-z_]+(?:\{[^}]*\})?) (\S+)$", text, re.MULTILINE)
        return {name: float(value) for name, value in samples}

    def odd(self, metrics, oddity):
        return metrics.get(f'taffrail_ingest_odd_lines_total{{oddity="{oddity}"}}', 0)


main = harness.main
