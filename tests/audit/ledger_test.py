"""The audit ledger as its users meet it: records in over HTTP, everything else with the command line, and a
verifier that knows nothing of Taffrail but its documented formats (verify_ledger.py).

REQ U-01, REQ U-02, REQ U-03, REQ U-06
"""

import csv
import io
import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
import harness  # noqa: E402
from harness import CHECK_FAILED, DAMAGED, DONE, Server, run  # noqa: E402

VERIFIER = pathlib.Path(__file__).with_name("verify_ledger.py")
COUNT = 600
EVENTS = ["token_issued", "authentication_failed", "permission_changed", "export"]

LAYOUTS = ["nested", "flat", "flat+error", "request", "dotted", "otel"]
AUDIT_EVENTS = ["authorization_requested", "token_issued", "token_refreshed", "scope_changed", "revoked",
                "failed", "permission_changed", "api_key_used"]


def record(i):
    return {"timestamp": f"2026-01-{1 + i % 28:02}T10:00:00Z", "level": "INFO", "message": f"record {i}",
            "security_level": "audit", "event": EVENTS[i % 4], "user_id": f"user{i % 7}",
            "provider": "<google>", "resource": "=calendar", "ip_address": "192.0.2.7", "outcome": "success"}


def post(url, lines, path="/api/v1/ingest", headers={}):
    body = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode()
    request = urllib.request.Request(url + path, data=body, method="POST", headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def independent(*arguments):
    command = [sys.executable, str(VERIFIER), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


class LedgerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.temporary.name)
        cls.data = cls.root / "data"
        server = Server(cls.data)
        for i in range(0, COUNT, 100):
            lines = [record(j) for j in range(i, i + 100)] + [{"message": "no audit record"}]
            status, body = post(server.url, lines)
            assert status == 200, body
        cls.state = json.loads(server.get("/api/v1/audit"))
        assert server.stop() == 0
        cls.ledger = cls.data / "audit" / "default" / "audit"
        cls.key = (cls.ledger / "key.pub").read_text().strip()

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def copy(self):
        target = pathlib.Path(tempfile.mkdtemp(dir=self.root)) / "ledger"
        shutil.copytree(self.ledger, target)
        return target

    def audit(self, *arguments, expect=DONE):
        result = run("audit", *arguments)
        self.assertEqual(result.returncode, expect, result.stdout.decode() + result.stderr.decode())
        return result.stdout.decode()

    def test_every_audit_record_was_in_the_ledger_when_it_was_acknowledged(self):
        [ledger] = self.state["ledgers"]
        self.assertEqual(ledger["size"], COUNT)
        self.assertEqual(self.state["records"], COUNT)
        self.assertIn("600 records signed", self.audit("verify", self.data))
        self.assertEqual(stat.S_IMODE((self.data / "audit-keys/default/audit.key").stat().st_mode), 0o600)

    def test_the_independent_verifier_agrees(self):
        answer = independent("ledger", self.ledger, self.key)
        self.assertEqual((answer.returncode, answer.stdout), (0, f"{COUNT} records, all good\n"))

    def test_alterations_are_named_by_us_and_refused_by_it(self):
        for name, change, expected in [
                ("tile/entries/001", lambda b: b.replace(b"record 300", b"record 3OO"),
                 "record 300 is not what was logged"),
                ("tile/0/000", lambda b: b"\0" * 32 + b[32:], "hash 0 of the tile, of record 0,"),
                ("tile/1/000.p/2", lambda b: b[:32] + b"\1" * 32, "over records 256 to 511"),
                ("tile/entries/002.p/88", lambda b: b[:-1], "cannot be read"),
                ("checkpoint", lambda b: b.replace(b"\n600\n", b"\n599\n"), "does not fit the text"),
        ]:
            with self.subTest(name):
                ledger = self.copy()
                path = ledger / name
                before = path.read_bytes()
                path.write_bytes(change(before))
                self.assertNotEqual(path.read_bytes(), before)
                code = CHECK_FAILED if name == "checkpoint" else DAMAGED
                out = run("audit", "verify", ledger, "--key", self.key)
                self.assertIn(expected, out.stdout.decode())
                if name != "checkpoint":
                    self.assertEqual(out.returncode, code)
                self.assertEqual(independent("ledger", ledger, self.key).returncode, 1)

    def test_a_proof_stands_alone(self):
        proof, line = self.root / "17.tlog-proof", self.root / "17.json"
        self.audit("prove", self.data, "--index", 17, "--out", proof, "--record", line)
        self.assertEqual(json.loads(line.read_text()), record(17))
        self.assertIn("proved", self.audit("check", proof, line, "--key", self.key))
        self.assertEqual(independent("proof", proof, line, self.key).returncode, 0)
        line.write_text(line.read_text().replace("user3", "user4"))
        self.audit("check", proof, line, "--key", self.key, expect=CHECK_FAILED)
        self.assertEqual(independent("proof", proof, line, self.key).returncode, 1)
        self.assertEqual(self.audit("prove", self.data, "--match", "record 17\"").splitlines()[1], "index 17")

    def test_reports(self):
        report = json.loads(self.audit("report", self.data, "--format", "json"))
        self.assertTrue(report["verified"])
        self.assertEqual(report["by_event"], dict.fromkeys(EVENTS, COUNT // 4))
        self.assertEqual(len(report["failed_logins"]), COUNT // 4)
        some = json.loads(self.audit("report", self.data, "--format", "json", "--user", "user1", "--only",
                                     "permission-changes", "--from", "2026-01-05", "--to", "2026-01-10"))
        expected = [i for i in range(COUNT) if i % 7 == 1 and i % 4 == 2 and 5 <= 1 + i % 28 < 10]
        self.assertEqual([row["record"] for row in some["all"]], expected)
        rows = list(csv.DictReader(io.StringIO(self.audit("report", self.data, "--format", "csv"))))
        self.assertEqual(len(rows), COUNT)
        self.assertEqual(rows[0]["resource"], "'=calendar")  # no formula
        html = self.audit("report", self.data)
        self.assertIn("&lt;google&gt;", html)
        self.assertNotIn("<google>", html)

    def test_an_evidence_bundle_is_checked_without_us(self):
        out = self.root / "evidence"
        self.audit("bundle", self.data, "--user", "user2", "--only", "failed-logins", "--out", out)
        proofs = sorted((out / "proofs").iterdir())
        self.assertTrue(proofs)
        key = (out / "key.pub").read_text().strip()
        for proof in proofs[:5]:
            answer = independent("proof", proof, out / "records" / f"{proof.stem}.json", key)
            self.assertEqual(answer.returncode, 0, answer.stdout)
        self.assertIn("taffrail audit check", (out / "README.txt").read_text())

    def test_the_key_is_rotated_and_old_records_are_pruned(self):
        data = pathlib.Path(tempfile.mkdtemp(dir=self.root)) / "data"
        shutil.copytree(self.data, data)
        ledger = data / "audit/default/audit"
        key, new = data / "audit-keys/default/audit.key", data / "new.key"
        self.audit("key", "rotate", data, "--key", key, "--new", new, "--reason", "yearly")
        new.replace(key)
        with harness.serving(data) as server:
            self.assertEqual(post(server.url, [record(1)])[0], 200)
        self.audit("verify", ledger, "--key", self.key)  # with the first key alone
        self.audit("prune", ledger, "--older-than", "2020-01-01", "--key", key, "--reason", "7 years")
        self.assertTrue((ledger / "tile/entries/000").exists())
        self.audit("prune", ledger, "--before", 300, "--key", key, "--reason", "7 years")
        self.assertFalse((ledger / "tile/entries/000").exists())
        self.assertIn("256 pruned", self.audit("verify", ledger, "--key", self.key))
        self.audit("prove", ledger, "--index", 256)
        (ledger / "tile/entries/001").unlink()  # this one nobody signed for
        self.audit("verify", ledger, "--key", self.key, expect=DAMAGED)

    def test_a_class_forgets_by_itself_what_is_too_old(self):
        data = pathlib.Path(tempfile.mkdtemp(dir=self.root)) / "data"
        config = self.root / "retention.yaml"
        config.write_text("audit:\n  retention: {audit: 3000d}\n"
                          "  rules: [{class: other, when: 'kind:other'}]\n")
        old = [record(i) | {"timestamp": f"2001-01-{1 + i % 28:02}T10:00:00Z"} for i in range(600)]
        with harness.serving(data) as server:
            self.assertEqual(post(server.url, old)[0], 200)
        with harness.serving(data, "--config", config) as server:
            self.assertEqual(post(server.url, [{**line, "security_level": "", "kind": "other"}
                                               for line in old])[0], 200)
        ledger, other = data / "audit/default/audit", data / "audit/default/other"
        self.assertEqual([path.name for path in (ledger / "tile/entries").iterdir()], ["002.p"])
        self.assertIn("512 pruned", self.audit("verify", ledger))
        self.assertIn("retention of 3000 days", (ledger / "statements/000001").read_text())
        self.audit("prove", ledger, "--index", 512)
        # A hold keeps everything, whatever its class says.
        self.audit("hold", data, "--reason", "case 7")
        config.write_text("audit:\n  retention: 30d\n")
        with harness.serving(data, "--config", config) as server:
            self.assertEqual(post(server.url, [record(1)])[0], 200)
        self.assertTrue((other / "tile/entries/000").exists())
        self.audit("hold", data, "--release")
        with harness.serving(data, "--config", config):
            pass  # its first look is at its start, and it stops when that is done
        self.assertFalse((other / "tile/entries/000").exists())
        self.audit("verify", data)

    def test_personal_values_are_erased_and_the_ledger_still_verifies(self):
        data = pathlib.Path(tempfile.mkdtemp(dir=self.root)) / "data"
        config = self.root / "sealed.yaml"
        config.write_text("audit:\n  personal: [ip_address]\n  subject_field: user_id\n")
        subjects = data / "audit-subjects.db"
        with harness.serving(data, "--config", config) as server:
            self.assertEqual(post(server.url, [record(i) for i in range(20)])[0], 200)
            self.audit("hold", data, "user1", "--reason", "case 7")
            run_held = run("audit", "erase", data, "user1", "--reason", "r", "--by", "dpo", "--url",
                           server.url)
            self.assertNotEqual(run_held.returncode, DONE)
            self.assertIn(b"case 7", run_held.stderr)
            self.audit("hold", data, "user1", "--release")
            self.audit("erase", data, "user1", "--reason", "request", "--by", "dpo", "--url", server.url)
            self.assertEqual(post(server.url, [record(1)])[0], 200)
        stored = run("search", "--data", data, "--format", "raw", "*").stdout
        self.assertNotIn(b"192.0.2.7", stored)
        rows = json.loads(self.audit("report", data, "--format", "json", "--reveal", subjects))["all"]
        erased = [row for row in rows if row["address"] == "[erased]"]
        self.assertEqual([row["user"] for row in erased], ["user1"] * 3)
        self.assertEqual(rows[0]["address"], "192.0.2.7")
        self.assertEqual(rows[-1]["address"], "192.0.2.7")  # a new key since then
        self.assertEqual(sum(row["event"] == "subject_erased" for row in rows), 1)
        self.audit("verify", data)

    def test_what_a_record_must_say_is_enforced(self):
        data = pathlib.Path(tempfile.mkdtemp(dir=self.root)) / "data"
        config = self.root / "strict.yaml"
        config.write_text("audit:\n  required: reject\n  tenant_header: X-Scope-OrgID\n")
        with harness.serving(data, "--config", config) as server:
            self.assertEqual(post(server.url, [record(1)], headers={"X-Scope-OrgID": "acme/1"})[0], 200)
            push = {"streams": [{"stream": {"app": "a"}, "values": [["1", json.dumps(record(2))]]}]}
            status, body = post(server.url, [push], "/loki/api/v1/push",
                                {"X-Scope-OrgID": "b", "Content-Type": "application/json"})
            self.assertEqual(status, 204, body)
            ledgers = json.loads(server.get("/api/v1/audit"))["ledgers"]
            self.assertEqual([ledger["tenant"] for ledger in ledgers], ["acme/1", "b"])
            status, body = post(server.url, [{"security_level": "audit", "event": "x"}])
            self.assertEqual(status, 400)
            self.assertIn(b"who, on what, when, from where, outcome", body)
            self.assertEqual(post(server.url, [record(0)])[0], 200)

    def test_an_audit_record_is_one_in_every_layout(self):
        data = pathlib.Path(tempfile.mkdtemp(dir=self.root)) / "data"
        config = self.root / "strict_layouts.yaml"
        config.write_text("audit:\n  required: reject\n  risk: true\n  personal: [user_agent]\n")
        with harness.serving(data, "--config", config) as server:
            for layout in LAYOUTS:
                done = subprocess.run([os.environ["EMIT_EVENTS"], f"layout={layout}"], check=True,
                                      capture_output=True, text=True)
                lines = [line for line in done.stdout.splitlines() if '"security_level":"audit"' in line]
                whole = [line for line in lines if "192.168.1.100" in line]
                self.assertEqual((len(lines), len(whole)), (11, 8), layout)
                for line in whole:  # each answers all questions
                    self.assertEqual(post(server.url, [json.loads(line)])[0], 200, line)
                for line in set(lines) - set(whole):
                    status, body = post(server.url, [json.loads(line)])
                    self.assertEqual(status, 400, line)
                    self.assertIn(b"from where", body)
            self.assertEqual(json.loads(server.get("/api/v1/audit"))["records"], 8 * len(LAYOUTS))
        report = json.loads(self.audit("report", data, "--format", "json"))
        self.assertTrue(report["verified"])
        # Six by google, and the rights and the key of usr_1.
        self.assertEqual({row["user"] for row in report["all"]}, {"usr_1"})
        self.assertEqual({row["address"] for row in report["all"]}, {"192.168.1.100"})
        self.assertEqual(report["by_event"], dict.fromkeys(AUDIT_EVENTS, len(LAYOUTS)))
        self.assertEqual(len(report["permission_changes"]), 2 * len(LAYOUTS))
        stored = run("search", "--data", data, "--format", "raw", "*").stdout
        self.assertNotIn(b"Mozilla", stored)  # sealed wherever it stands
        self.assertEqual(stored.count(b'"user_agent":"sealed:v1:'), 7 * len(LAYOUTS))

    def test_a_second_server_witnesses_and_a_fork_is_refused(self):
        one, two = (pathlib.Path(tempfile.mkdtemp(dir=self.root)) / name for name in ("one", "two"))
        with harness.serving(one) as server:  # makes its key
            self.assertEqual(post(server.url, [record(0)])[0], 200)
        key = (one / "audit/default/audit/key.pub").read_text().strip()
        before = one.with_name("before")
        shutil.copytree(one, before)
        witness_config, config = self.root / "witness.yaml", self.root / "witnessed.yaml"
        witness_config.write_text(f"audit:\n  name: w.example.com\n  witness_for: ['{key}']\n")
        with harness.serving(two, "--config", witness_config) as witness:
            witness_key = json.loads(witness.get("/api/v1/audit"))["witness"]
            config.write_text("audit:\n  checkpoint_interval_ms: 50\n  witnesses:\n" +
                              f"    - {{url: '{witness.url}/api/v1/audit/witness', key: '{witness_key}'}}\n")
            for data, line, cosigned in ((one, record(1), True), (before, record(2), False)):
                with harness.serving(data, "--config", config) as server:
                    self.assertEqual(post(server.url, [line])[0], 200)
                code = DONE if cosigned else CHECK_FAILED
                self.audit("verify", data, "--witness", witness_key, expect=code)


    def test_a_ledger_that_was_changed_does_not_start(self):
        data = pathlib.Path(tempfile.mkdtemp(dir=self.root)) / "data"
        shutil.copytree(self.data, data)
        path = data / "audit/default/audit/tile/0/002.p/88"
        path.write_bytes(b"\0" * 32 + path.read_bytes()[32:])
        answer = run("serve", "--data", data, "--listen", "127.0.0.1:0")
        self.assertNotEqual(answer.returncode, DONE)
        self.assertIn(b"record 512 is not the one", answer.stderr)


if __name__ == "__main__":
    harness.main()
