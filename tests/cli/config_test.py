"""taffrail config: what a configuration file means, and a file to begin with."""

import json
import re

import harness
from harness import CHECK_FAILED, DONE, UNREACHABLE, USAGE, TestCase, run

# None of these may come from whoever runs the tests.
CLEAN = dict.fromkeys(("ENVIRONMENT", "SERVICE_NAME", "LOG_LEVEL", "LOG_FILE", "LOG_DIR", "LOG_FORMAT"), "")


class Check(TestCase):
    def check(self, text, *arguments, **env):
        path = self.write("taffrail.yaml", text)
        return path, run("config", "check", *arguments, path, env={**CLEAN, **env})

    def test_a_good_file_is_explained(self):  # REQ L-13
        path, result = self.check("service: api\nlevel: ERROR\nqueue: {bytes: 1MiB}\n",
                                  ENVIRONMENT="production", LOG_LEVEL="DEBUG")
        self.assertEqual(result.returncode, DONE, result.stderr)
        self.assertEqual(result.stderr, b"")
        text = result.stdout.decode()
        self.assertRegex(text, rf"(?m)^service: api +# {re.escape(str(path))}:1$")
        self.assertRegex(text, r"(?m)^level: DEBUG +# \$LOG_LEVEL$")
        self.assertRegex(text, rf"(?m)^  bytes: 1MiB +# {re.escape(str(path))}:3$")
        self.assertRegex(text, r"(?m)^  policy: block +# default$")
        self.assertRegex(text, r"(?m)^fatal_signals: true +# preset production$")

    def test_what_is_explained_is_a_file_again(self):
        _, result = self.check("preset: staging\nsinks: [{type: file, path: /tmp/x.log}]\n")
        again, second = self.check(result.stdout.decode())
        self.assertEqual(second.returncode, DONE, second.stderr)
        values = [re.sub(r" +#.*", "", text.decode()) for text in (result.stdout, second.stdout)]
        self.assertEqual(*values)

    def test_every_mistake_with_its_place_and_its_mending(self):
        path, result = self.check("lvel: INFO\nqueue:\n  bytes: 64M\nsinks: [{type: file}]\n")
        self.assertEqual(result.returncode, CHECK_FAILED)
        self.assertEqual(result.stdout, b"")
        self.assertEqual(result.stderr.decode().splitlines(), [
            f"{path}:1:1: error: there is no lvel",
            '    → did you mean "level"?',
            f'{path}:3:10: error: queue.bytes must be a size from 64KiB to 64MiB, not "64M"',
            "    → 64MiB of 1024 or 64MB of 1000?",
            f"{path}:4:9: error: sinks[0].path is missing",
            "    → the file, or the directory of the files",
        ])

    def test_warnings_do_not_fail(self):
        _, result = self.check("sinks: [{type: file, path: /tmp/x, rotation: {every: day}}]\n")
        self.assertEqual(result.returncode, DONE)
        self.assertIn(b"warning: old files are never removed", result.stderr)
        _, result = self.check("", OTEL_EXPORTER_OTLP_ENDPOINT="http://user:s3cret@collector:4318")
        self.assertEqual(result.returncode, DONE)
        self.assertIn(b"not sent by OTLP yet", result.stderr)
        self.assertNotIn(b"s3cret", result.stderr)

    def test_nothing_is_opened(self):
        log = self.dir / "logs" / "app.log"
        _, result = self.check(f"sinks: [{{type: file, path: {log}}}]\nqueue.dir: {self.dir}/queue\n")
        self.assertEqual(result.returncode, DONE, result.stderr)
        self.assertFalse(log.parent.exists())
        self.assertFalse((self.dir / "queue").exists())

    def test_variables_are_those_of_the_environment_unless_told_otherwise(self):
        text = "service: ${SERVICE_NAME:-none}\n"
        self.assertIn(b"service: shop", self.check(text, SERVICE_NAME="shop")[1].stdout)
        self.assertIn(b"service: none", self.check(text, "--no-env", SERVICE_NAME="shop")[1].stdout)

    def test_json(self):
        path, result = self.check("level: DEBUG\n"
                                  "sinks: [{type: loki, url: 'http://h', headers: {a: s3cret}}]\n",
                                  "--format", "json")
        self.assertEqual(result.returncode, DONE)
        answer = json.loads(result.stdout)
        self.assertTrue(answer["ok"])
        settings = {setting["key"]: setting for setting in answer["settings"]}
        self.assertEqual(settings["level"],
                         {"key": "level", "value": "DEBUG", "origin": "file", "where": "", "line": 1})
        self.assertNotIn(b"s3cret", result.stdout)

        path, result = self.check("level: INFO\nx: \"\\x01\\\"\n", "--format", "json")
        self.assertEqual(result.returncode, CHECK_FAILED)
        problems = json.loads(result.stdout)["problems"]
        self.assertEqual((problems[0]["line"], problems[0]["severity"]), (2, "error"))

    def test_hostile_files(self):
        for text in (b"\x00", b"[" * 100_000, b"\xff\xfe\x00l", b"a: &a [*a]",
                     b"%TAG ! x\n--- !x y"):
            _, result = self.check(text)
            self.assertEqual(result.returncode, CHECK_FAILED, text[:20])
            self.assertNotEqual(result.stderr, b"")
        self.fails(UNREACHABLE, "config", "check", self.write("large.yaml", "#" * 300_000))
        _, result = self.check("\"\\e[2J\": 1\n")
        self.assertNotIn(b"\x1b", result.stderr)

    def test_what_cannot_be_read(self):
        self.assertIn("missing.yaml", self.fails(UNREACHABLE, "config", "check", self.dir / "missing.yaml"))
        self.fails(UNREACHABLE, "config", "check", self.dir)

    def test_usage(self):
        self.fails(USAGE, "config")
        self.fails(USAGE, "config", "check")
        self.fails(USAGE, "config", "frobnicate")


class Print(TestCase):
    def test_the_starter_passes(self):
        for preset in ("development", "staging", "production"):
            text = self.ok("config", "print", "--preset", preset)
            path = self.write(f"{preset}.yaml", text)
            self.assertIn(b"preset: " + preset.encode(), self.ok("config", "check", path, env=CLEAN))

    def test_the_schema_is_json_and_knows_every_key(self):
        schema = json.loads(self.ok("config", "schema"))
        path = self.write("empty.yaml", "")
        answer = json.loads(self.ok("config", "check", "--format", "json", path, env=CLEAN))
        for setting in answer["settings"]:
            node = schema
            for part in setting["key"].split("."):
                node = node["properties"][part]


if __name__ == "__main__":
    harness.main()
