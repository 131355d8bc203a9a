"""The questions, in the language of each store. Both must give the same number of rows, or the figures mean
nothing."""

import dataclasses
import datetime
import re
import statistics
import time
import urllib.parse

from connection import Connection

STARTS = 5  # for what only the first question after a start can say


@dataclasses.dataclass(frozen=True)
class Query:
    name: str
    title: str
    taffrail: dict
    victorialogs: str
    approximate: bool = False  # the stores may differ in what they answer, not in how many rows
    bound: float | None = 0.5  # what ours must be of theirs; None: they are not asked quite the same


def table():
    def search(text, **more):
        return {"query": text, "limit": 0, "format": "ndjson"} | more

    return [
        Query("absent_id", "an id that is not there",
              search("context.request_id:req_000000000000"),
              'context.request_id:="req_000000000000"'),
        Query("count_all", "count all",
              search("* | count"),
              "* | stats count() n"),
        Query("errors_by_path", "errors by route",
              search("level:ERROR metadata.route:* | count by metadata.route"),
              'level:="ERROR" metadata.route:* | stats by (metadata.route) count() n'),
        Query("slowest", "50 slowest requests over 1 s",
              search("logger:request metadata.duration_ms:>1000 | sort -metadata.duration_ms | limit 50"),
              'logger:="request" metadata.duration_ms:>1000 | sort by (metadata.duration_ms desc) limit 50'),
        Query("failed_logins", "failed logins by user and address",
              search("metadata.event:auth.login.failed | count by context.user_id, metadata.client_ip"),
              'metadata.event:="auth.login.failed"'
              " | stats by (context.user_id, metadata.client_ip) count() n"),
        Query("by_organization", "group by organization",
              search("* | count by context.organization_id"),
              "* | stats by (context.organization_id) count() n"),
        Query("by_table", "avg and max duration by table",
              search('message:"database query"'
                     " | stats avg(metadata.duration_ms), max(metadata.duration_ms) by metadata.table"),
              '"database query"'
              " | stats by (metadata.table) avg(metadata.duration_ms) a, max(metadata.duration_ms) m"),
        Query("p95_by_minute", "p95 duration a minute",
              search("metadata.duration_ms:* | stats p95(metadata.duration_ms) by time(1m)"),
              "metadata.duration_ms:* | stats by (_time:1m) quantile(0.95, metadata.duration_ms) p"),
        Query("regex_field", "regex in one field",
              search("metadata.user_agent:/Firefox.1[0-9]+/ | count"),
              'metadata.user_agent:~"Firefox.1[0-9]+" | stats count() n'),
        Query("distinct_requests", "distinct request ids",
              search("* | stats count_distinct(context.request_id)"),
              "* | stats count_uniq(context.request_id) n"),
        Query("last_errors", "last 100 errors",
              search("level:ERROR", limit=100, direction="backward"),
              'level:="ERROR" | sort by (_time desc) limit 100'),
        Query("substring", "substring in an id field",
              search("context.trace_id:*5f0dab1* | count"),
              'context.trace_id:~"5f0dab1" | stats count() n'),
        Query("line_regex", "regex on the line",
              search("/usr_[0-9a-f]{6}07.*DELETE/ | count"),
              '* | format "<context.user_id> <metadata.method>" as x'
              ' | filter x:~"usr_[0-9a-f]{6}07.*DELETE" | stats count() n',
              bound=None),  # it keeps no lines: two fields are all that it looks at
    ]


def scan_target(n):
    """Every byte of every line, and nothing found: what scan_gb_per_core_s is taken from. Another text each
    time, for what a block had the last time is remembered."""
    text = f'{{service=~".+"}} |= "no line has this text {n}"'
    return "/api/v1/search?" + urllib.parse.urlencode({"query": text, "lang": "logql", "limit": 0})


def rows_of(body):
    return body.count(b"\n")


def answer_of(body):
    """Numbers of a one-row answer, to be compared."""
    return sorted(float(value) for value in re.findall(rb'":"?(-?[0-9.]+)"?[,}]', body))


def ask(connection, server, target):
    begin = time.monotonic()
    status, body = connection.get(target)
    took_s = time.monotonic() - begin
    if status != 200:
        raise SystemExit(f"{server.title} answered {status} to {target}: {body[:300]!r}")
    return took_s, body


def measure(server, queries, only):
    """({name: milliseconds}, {name: body})"""
    connection = Connection(server.port)
    figures, answers = {}, {}
    for query in queries:
        if only and query.name not in only:
            continue
        target = server.target(query)
        first_s, answers[query.name] = ask(connection, server, target)
        runs = runs_for(first_s)
        cpu_s = server.cpu_s()
        times = [ask(connection, server, target)[0] for _ in range(runs - 1)]
        figures[f"query_{query.name}_first_ms"] = first_s * 1000
        figures[f"query_{query.name}_ms"] = statistics.median(times) * 1000
        figures[f"query_{query.name}_cpu_ms"] = (server.cpu_s() - cpu_s) / (runs - 1) * 1000
    connection.close()
    return figures, answers


def runs_for(first_s):
    """How often a question is asked, the first time included. The median of few fast ones says more of the
    machine's timers than of either store."""
    return 51 if first_s < 0.02 else 7 if first_s < 0.7 else 3


def lookup(connection, server, request_id):
    query = Query("", "", {"query": f"context.request_id:{request_id}", "limit": 0},
                  f'context.request_id:="{request_id}"')
    took_s, body = ask(connection, server, server.target(query))
    if not body:
        raise SystemExit(f"{server.title} does not find {request_id}")
    return took_s * 1000


def cold_lookups(server, ids):
    """The first question after a start, nothing cached: each for another id. The median of the starts."""
    times = []
    for request_id in ids[:STARTS]:
        server.forget_cached_files()
        with server:
            connection = Connection(server.port)
            times.append(lookup(connection, server, request_id))
            connection.close()
    return {"id_cold_ms": statistics.median(times)}


def lookups(server, ids):
    """Of a server that has answered nothing yet: the median of ids that are asked for the first time, and of
    the same ones asked again."""
    connection = Connection(server.port)
    first = [lookup(connection, server, request_id) for request_id in ids]
    again = [lookup(connection, server, request_id) for request_id in ids]
    connection.close()
    return {"id_another_ms": statistics.median(first[1:]), "id_warm_ms": statistics.median(again)}


def searchable(server):
    """From sending a line to the first answer that has it: the worst of a few."""
    connection = Connection(server.port)
    worst_s = 0.0
    for n in range(5):
        marker = f"req_fresh{n:08x}"
        query = Query("", "", {"query": f"context.request_id:{marker}"}, f'context.request_id:="{marker}"')
        line = (f'{{"timestamp":"2026-01-05T07:59:59.{n:03}Z","message":"x",'
                f'"context":{{"request_id":"{marker}"}}}}\n')
        begin = time.monotonic()
        connection.post(server.ingest, line.encode())
        while not ask(connection, server, server.target(query))[1]:
            if time.monotonic() - begin > 30:
                raise SystemExit(f"{server.title} does not find a line that it took half a minute ago")
            time.sleep(0.002)
        worst_s = max(worst_s, time.monotonic() - begin)
    connection.close()
    return {"searchable_ms": worst_s * 1000}


def live(server):
    """From sending a line to when a live tail that filters shows it: the worst of a few."""
    tail, connection = Connection(server.port), Connection(server.port)
    tail.follow(server.tail_target("livetail"))
    time.sleep(0.5)  # that it is open is not part of the figure, and not every store says when it is
    worst_s = 0.0
    for n in range(5):
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = f'{{"timestamp":"{now}","message":"livetail number{n}"}}\n'
        begin = time.monotonic()
        connection.post(server.ingest, line.encode())
        if not tail.wait_for(b"number%d" % n, timeout_s=30):
            raise SystemExit(f"a live tail of {server.title} does not show a line sent half a minute ago")
        worst_s = max(worst_s, time.monotonic() - begin)
    tail.close()
    connection.close()
    return {"live_ms": worst_s * 1000}


def scan(server, raw_bytes):
    """GB of original text a core searches in a second when no filter helps."""
    connection = Connection(server.port)
    ask(connection, server, scan_target(0))
    cpu_s = server.cpu_s()
    runs = 3
    wall_s = sum(ask(connection, server, scan_target(run + 1))[0] for run in range(runs))
    cpu_s = max(server.cpu_s() - cpu_s, 0.005)
    connection.close()
    return {"scan_gb_per_core_s": raw_bytes * runs / cpu_s / 1e9,
            "scan_gb_per_s": raw_bytes * runs / wall_s / 1e9}


def disagreements(queries, answers):
    """Sentences about questions to which the stores gave different answers."""
    found = []
    for query in queries:
        ours, theirs = (answer.get(query.name) for answer in answers)
        if ours is None or theirs is None:
            continue
        if rows_of(ours) != rows_of(theirs):
            found.append(f"{query.name}: {rows_of(ours)} rows and {rows_of(theirs)}")
        elif rows_of(ours) == 1 and not query.approximate and answer_of(ours) != answer_of(theirs):
            found.append(f"{query.name}: {ours.strip().decode()} and {theirs.strip().decode()}")
    return found
