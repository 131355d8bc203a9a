"""Every standard event, written by a real program, against its JSON Schema and the stacks' queries."""

import copy
import json
import os
import pathlib
import re
import subprocess
import sys

SOURCE_DIR = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE_DIR / "tests" / "cli"))

import jsonschema  # noqa: E402
import unittest  # noqa: E402
import harness  # noqa: E402

SCHEMA_DIR = SOURCE_DIR / "docs" / "schemas"
SCHEMAS = {path.stem: json.loads(path.read_text()) for path in SCHEMA_DIR.glob("*.json")}
LINE = SCHEMAS.pop("line")
STORE = {schema["$id"]: schema for schema in [LINE, *SCHEMAS.values()]}
TYPE_OF = {"string": 7, "integer": "x", "number": "x", "boolean": "x", "array": "x"}  # of each a wrong value
EXTRA = {"plan"}  # what emit_events adds by itself


def emit(*options):
    done = subprocess.run([os.environ["EMIT_EVENTS"], *options], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def errors(schema, line):
    resolver = jsonschema.RefResolver.from_schema(schema, store=STORE)
    validator = jsonschema.Draft202012Validator(schema, resolver=resolver)
    return [error.message for error in validator.iter_errors(line)]


def metadata_of(schema):
    return schema["properties"]["metadata"]


def schema_of(line):
    """The one that is about this line: its logger and its event."""
    found = [name for name, schema in SCHEMAS.items()
             if schema["properties"]["logger"]["const"] == line["logger"]
             and metadata_of(schema)["properties"]["event"]["const"] == line["metadata"]["event"]]
    assert len(found) == 1, (line, found)
    return found[0]


def code(value):
    return f"`{value}`"


def type_of(rule):
    if "enum" in rule:
        return ", ".join(map(code, rule["enum"]))
    if "const" in rule:
        return code(rule["const"])
    return rule["type"]


def page_of(name):
    """What docs/events.md says of an event, from its schema."""
    schema = SCHEMAS[name]
    properties, metadata = schema["properties"], metadata_of(schema)
    context = properties.get("context", {}).get("required", [])
    about = [f"### {name}", "", f"{schema['title']}. Logger {code(properties['logger']['const'])}, level "
             + " or ".join(map(code, properties["level"]["enum"])) + ", message "
             + " or ".join(map(code, properties["message"]["enum"]))
             + ("; `context` has " + ", ".join(map(code, context)) if context else "")
             + ("" if properties.get("exception") is False else "; `exception` where one ended it") + ".", "",
             "| field | type | | |", "|---|---|---|---|"]
    for key, rule in metadata["properties"].items():
        always = "always" if key in metadata["required"] else ""
        what = rule.get("description", "the name of the event")
        about.append(f"| {code(key)} | {type_of(rule)} | {always} | {what} |")
    return "\n".join(about) + "\n"


class Events(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.lines = emit()
        cls.by_schema = {}
        for line in cls.lines:
            cls.by_schema.setdefault(schema_of(line), []).append(line)

    def messages(self, *options):
        return {line["message"] for line in emit(*options)}

    # REQ E-01, E-02, E-03, E-04, E-05, E-06, E-07, C-07
    def test_every_event_is_valid(self):
        self.assertEqual(set(self.by_schema), set(SCHEMAS))
        for name, lines in self.by_schema.items():
            for line in lines:
                self.assertEqual(errors(SCHEMAS[name], line), [], (name, line))

    def test_schemas_are_valid_and_whole(self):
        for name, schema in {"line": LINE, **SCHEMAS}.items():
            jsonschema.Draft202012Validator.check_schema(schema)
        for name, lines in self.by_schema.items():
            written = set().union(*(line["metadata"] for line in lines)) - EXTRA
            self.assertEqual(written, set(metadata_of(SCHEMAS[name])["properties"]), name)

    def test_the_page_says_what_the_schemas_say(self):
        page = (SOURCE_DIR / "docs" / "events.md").read_text()
        for name in SCHEMAS:
            self.assertIn(page_of(name), page)
        self.assertEqual(len(re.findall("^### ", page, re.M)), len(SCHEMAS))

    def test_a_wrong_line_fails(self):
        for name, lines in self.by_schema.items():
            schema = SCHEMAS[name]
            for key in metadata_of(schema)["required"]:
                wrong = copy.deepcopy(lines[0])
                del wrong["metadata"][key]
                self.assertTrue(errors(schema, wrong), (name, "without", key))
            for key, rule in metadata_of(schema)["properties"].items():
                wrong = copy.deepcopy(lines[0])
                wrong["metadata"][key] = TYPE_OF[rule.get("type", "string")]
                self.assertTrue(errors(schema, wrong), (name, "wrong type of", key))
            for change in ({"level": "TRACE"}, {"message": "other"}, {"logger": "other"}, {"surplus": 1},
                           {"timestamp": 5}, {"metadata": []}):
                self.assertTrue(errors(schema, {**lines[0], **change}), (name, change))

    def test_every_level_and_message_is_written(self):
        for name, lines in self.by_schema.items():
            properties = SCHEMAS[name]["properties"]
            self.assertEqual({line["message"] for line in lines}, set(properties["message"]["enum"]), name)
            self.assertEqual({line["level"] for line in lines}, set(properties["level"]["enum"]), name)

    def test_features_switch_events_off(self):
        audit = [line["message"] for line in self.lines if line["logger"].startswith("audit.")]
        self.assertTrue(audit)
        self.assertFalse(self.messages("no-audit") & set(audit))
        self.assertLess(set(audit), self.messages("no-metrics"))
        performance = {line["message"] for line in self.lines if line["logger"].startswith("performance.")}
        self.assertEqual(self.messages() - self.messages("no-metrics"), performance)
        for option, prefix in (("no-memory", "rss_"), ("no-database", "database_")):
            for line in emit(option):
                if line["logger"] == "performance.http":
                    self.assertFalse([key for key in line["metadata"] if key.startswith(prefix)], line)
        slow = [line for line in emit("slow-only") if line["logger"] == "performance.http"]
        paths = [line["metadata"]["path"] for line in slow]
        self.assertEqual(paths, ["/slow", "/none", "/bad"])

    # What bound values, tokens, keys and passwords there were is nowhere.
    def test_no_secret_is_written(self):
        self.assertNotIn("secret", json.dumps(self.lines))

    def test_the_stacks_line_of_a_request(self):
        vector = {"method": "POST", "path": "/api/v1/tasks", "status_code": 201, "duration_ms": 45,
                  "user_agent": "Mozilla/5.0...", "ip_address": "192.168.1.100", "request_size_bytes": 1024,
                  "response_size_bytes": 512}
        line = self.by_schema["http_request"][1]
        self.assertEqual(list(line["metadata"].items())[:len(vector)], list(vector.items()))
        self.assertEqual((line["level"], line["service"]), ("INFO", "api"))
        self.assertEqual(line["context"], {"request_id": "req_8f4e2b1c", "user_id": "usr_a1b2c3d4",
                                           "organization_id": "org_12345"})

    def test_the_stacks_queries_find_them(self):
        def found(pattern, *paths):
            lines = [line for line in self.lines if re.search(pattern, line["message"])]
            return [line for line in lines if all(self.at(line, path) is not None for path in paths)]

        self.assertTrue(found("(?i)failed.*login", "context.user_id", "metadata.ip_address"))
        self.assertTrue(found("Login failed", "metadata.ip_address"))
        queries = found("database query", "metadata.query_type", "metadata.table", "metadata.duration_ms")
        self.assertEqual({line["metadata"]["table"] for line in queries}, {"tasks"})
        self.assertTrue(found("^Permission denied$"))
        self.assertTrue([line for line in self.lines if (self.at(line, "metadata.duration_ms") or 0) > 1000
                         and self.at(line, "metadata.path") and "context" in line])
        self.assertIn("ConnectionPoolExhausted", [self.at(line, "metadata.event") for line in self.lines])

    @staticmethod
    def at(line, path):
        for key in path.split("."):
            line = line.get(key) if isinstance(line, dict) else None
        return line


if __name__ == "__main__":
    harness.main()
