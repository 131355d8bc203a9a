"""The questions: every query of the vectors as it stands, and where it asks for fields that the generated
lines do not have, the same question once more with those that they have."""

import dataclasses
import json
import pathlib
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[3]
INSIGHTS = ROOT / "tests" / "query" / "vectors" / "insights"
ELASTIC = ROOT / "tests" / "vectors" / "queries" / "elastic"

SECOND_MS, ID_MS, FIRST_ROWS_MS = 1000, 5, 50  # what an answer may take

# As the vectors have them: jq/seeds.jq.txt and searchbox/seeds.txt.
JQ = """
select(.level == "ERROR")
select(.level == "ERROR" or .level == "WARNING")
select(.user.id == "12345")
select(.user.username == "john.doe") | {timestamp, message, http}
select(.request_id == "a8f5f167-0e5c-4890-a63f-e6e0cd9f7e0a")
select(.request_id == "a8f5f167-0e5c-4890-a63f-e6e0cd9f7e0a") | {timestamp, logger, message}
select(.meeting_id == "abc123")
select(.duration_seconds > 120) | {timestamp, meeting_id, duration_seconds}
select(.timestamp > "2025-10-01T15:00:00Z")
select(.timestamp >= "2025-10-01T15:00:00Z" and .timestamp <= "2025-10-01T16:00:00Z")
""".strip().splitlines()
SEARCH_BOX = """
level:ERROR
user.id:12345
level:CRITICAL
logs("level:CRITICAL")
""".strip().splitlines()

VICTORIALOGS = {  # the same of the generated lines, where a vector can be put so
    "insights-01": '_time:100y level:="ERROR" | stats by (metadata.path) count() n | sort by (n desc)',
    "insights-02": "metadata.duration_ms:>1000 | sort by (metadata.duration_ms desc) limit 50",
    "insights-03": '_msg:~"(?i)failed.*login" | stats by (context.user_id, metadata.ip_address) count() n'
                   " | filter n:>3 | sort by (n desc)",
    "insights-04": "context.organization_id:* | stats by (context.organization_id) count() n"
                   " | sort by (n desc)",
    "insights-05": '_msg:~"database query" | stats by (metadata.table) avg(metadata.duration_ms) a,'
                   " max(metadata.duration_ms) m, count() n | sort by (a desc)",
    "search-01": 'level:="ERROR" | limit 1000',
    "id-field": 'context.request_id:="{id}"',
    "id-line": '"{id}"',
    "id-absent": 'context.request_id:="req_000000000000"',
}


@dataclasses.dataclass(frozen=True)
class Question:
    name: str
    title: str
    language: str
    text: str
    bound_ms: float = SECOND_MS

    def ask(self, connection, request_id):
        """(status, body)"""
        text = self.text.replace("{id}", request_id)
        if self.language == "elastic":
            return connection.post("/_search", text.encode(), "application/json")
        parameters = urllib.parse.urlencode({"lang": self.language, "query": text})
        return connection.get("/api/v1/search?" + parameters)

    def of_victorialogs(self, request_id):
        query = VICTORIALOGS.get(self.name)
        if query is None:
            return None
        return "/select/logsql/query?" + urllib.parse.urlencode({"query": query.replace("{id}", request_id)})


def table():
    for number, path in enumerate(sorted(INSIGHTS.glob("*.insights")), 1):
        yield Question(f"insights-{number:02}", f"Insights {path.stem}", "insights", path.read_text())
    yield Question("insights-03-address", "  by the address that the lines have", "insights",
                   (INSIGHTS / "03-failed-logins.insights").read_text().replace("ip_address", "client_ip"))
    for number, path in enumerate(sorted(ELASTIC.glob("*.json")), 1):
        yield Question(f"elastic-{number:02}", f"Elasticsearch {path.stem}", "elastic", path.read_text())
    yield Question("elastic-01-level", "  by the level that the lines have", "elastic",
                   json.dumps({"query": {"term": {"level": "ERROR"}}}))
    yield from numbered("jq", "jq", JQ)
    yield from numbered("search", "search box", SEARCH_BOX)
    yield from ids()


def numbered(language, title, texts):
    for number, text in enumerate(texts, 1):
        shown = text if len(text) <= 56 else text[:55] + "…"
        yield Question(f"{language}-{number:02}", f"{title} {shown}", language, text)


def ids():
    """One request of all, in each language."""
    texts = [
        ("field", "an id in its field", "search", "context.request_id:{id}"),
        ("word", "an id as a word", "search", "{id}"),
        ("json", "an id after | json, LogQL", "logql", '{service=~".+"} | json | context_request_id="{id}"'),
        ("insights", "an id, Insights", "insights", 'fields @message | filter context.request_id="{id}"'),
        ("elastic", "an id, Elasticsearch", "elastic", '{"query":{"term":{"context.request_id":"{id}"}}}'),
        ("jq", "an id, jq", "jq", 'select(.context.request_id == "{id}")'),
        ("absent", "an id that is not there", "search", "context.request_id:req_000000000000"),
    ]
    for name, title, language, text in texts:
        yield Question(f"id-{name}", title, language, text, ID_MS)
    # A substring may lie inside a word, so that no index of words helps: every byte of every line.
    yield Question("id-line", "an id as a substring of lines, LogQL", "logql", '{service=~".+"} |= "{id}"')
