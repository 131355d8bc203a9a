"""Elasticsearch's search API as its clients use it: answers, errors, pages, indices.

REQ Q-03, REQ S-02
"""

import json
import pathlib
import time

import client

VECTORS = pathlib.Path(__file__).resolve().parents[1] / "vectors" / "queries" / "elastic"
JSON = {"Content_Type": "application/json"}
CORRELATION = "550e8400-e29b-41d4-a716-446655440000"
DAY = "2025.10.30"


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def line(second, level, service, **fields):
    return {"@timestamp": f"2025-10-30T14:00:{second:02}.000Z", "log.level": level, "service": service,
            "message": f"line {second}", **fields}


LINES = [line(i, "ERROR" if i % 5 == 0 else "INFO", "api" if i % 2 else "worker", took=i * 1.5)
         for i in range(40)]


class ElasticTest(client.ApiTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        now = time.time()
        # In the shape of the stack that ships to Elasticsearch.
        fresh = [
            {"@timestamp": stamp(now - 60), "log.level": "ERROR", "message": "failed", "service": "music",
             "trace.correlation_id": CORRELATION},
            {"@timestamp": stamp(now - 90), "log.level": "INFO", "message": "done", "service": "music",
             "trace.correlation_id": "another"},
            {"@timestamp": stamp(now - 7200), "log.level": "ERROR", "message": "long ago",
             "service": "music"},
        ]
        body = "".join(json.dumps(each) + "\n" for each in LINES + fresh)
        taken = client.ApiTest.send(cls, "POST", "/api/v1/ingest", body)
        assert taken.status == 200, taken.body

    def ask(self, path, body=None, method="POST", status=200, **headers):
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        answer = self.send(method, path, text, **{**JSON, **headers})
        self.assertEqual(answer.status, status, answer.body[:500])
        self.assertEqual(answer.headers["X-Elastic-Product"], "Elasticsearch")
        return json.loads(answer.body)

    def messages(self, answer):
        return [hit["_source"]["message"] for hit in answer["hits"]["hits"]]

    def test_the_stacks_own_queries_verbatim(self):
        errors = self.ask("/_search", (VECTORS / "01-errors-last-hour.json").read_text())
        self.assertEqual(self.messages(errors), ["failed"])
        self.assertEqual(errors["hits"]["total"], {"value": 1, "relation": "eq"})
        one = self.ask("/elastic/_search", (VECTORS / "02-by-correlation-id.json").read_text())
        self.assertEqual(one["hits"]["hits"][0]["_source"]["trace.correlation_id"], CORRELATION)
        told = (one["timed_out"], one["_shards"]["failed"], one["hits"]["max_score"])
        self.assertEqual(told, (False, 0, 1.0))

    def test_source_comes_back_as_it_was(self):
        hit = self.ask(f"/elastic/worker-error-{DAY}/_search", {"size": 1})["hits"]["hits"][0]
        self.assertEqual((hit["_index"], hit["_source"]), (f"worker-error-{DAY}", LINES[0]))

    def test_query_string_in_the_url(self):
        query = "q=log.level:ERROR&size=2&sort=@timestamp:desc&_source=message"
        answer = self.ask("/elastic/api-*/_search?" + query, method="GET")
        self.assertEqual([hit["_source"] for hit in answer["hits"]["hits"]],
                         [{"message": "line 35"}, {"message": "line 25"}])
        self.assertEqual(answer["hits"]["hits"][0]["sort"], [1761832835000])
        self.assertEqual(self.ask("/elastic/_count?q=took:>=57", method="GET")["count"], 2)

    def test_indices(self):
        names = {f"{service}-{kind}-{DAY}" for service in ("api", "worker")
                 for kind in ("error", "application")}
        rows = self.ask("/elastic/_cat/indices/api-*,worker-*?format=json", method="GET")
        self.assertEqual({row["index"] for row in rows}, names)
        self.assertEqual(sum(int(row["docs.count"]) for row in rows), 40)
        self.assertEqual(self.ask(f"/elastic/api-error-{DAY}/_count")["count"], 4)
        self.assertEqual(self.ask(f"/elastic/api-*,worker-error-{DAY}/_count")["count"], 24)
        self.assertEqual(self.ask("/elastic/api-*,-api-error-*/_count")["count"], 16)
        self.assertEqual(self.ask("/elastic/nothing-*/_search")["hits"]["hits"], [])
        missing = self.ask("/elastic/nothing/_search", status=404)
        self.assertEqual(missing["status"], 404)
        self.assertEqual(missing["error"]["type"], "index_not_found_exception")
        self.assertEqual(missing["error"]["root_cause"][0]["index"], "nothing")
        self.assertEqual(self.ask("/elastic/nothing/_search?ignore_unavailable=true")["hits"]["hits"], [])
        self.assertEqual(self.send("HEAD", f"/elastic/api-error-{DAY}").status, 200)
        self.assertEqual(self.send("HEAD", "/elastic/nothing").status, 404)

    def test_fields(self):
        mapping = self.ask(f"/elastic/api-error-{DAY}/_mapping", method="GET")[f"api-error-{DAY}"]["mappings"]
        properties = mapping["properties"]
        self.assertEqual(properties["@timestamp"], {"type": "date"})
        self.assertEqual(properties["log"]["properties"]["level"]["fields"]["keyword"]["type"], "keyword")
        fields = self.ask("/elastic/api-*/_field_caps?fields=took,log.*,@*", method="GET")["fields"]
        self.assertEqual(set(fields), {"took", "log.level", "log.level.keyword", "@timestamp"})
        self.assertTrue(fields["took"]["double"]["aggregatable"])

    def test_many_searches(self):
        body = "\n".join(json.dumps(each) for each in [
            {"index": "api-*"}, {"size": 0, "aggs": {"l": {"terms": {"field": "log.level"}}}},
            {}, {"query": {"trem": {}}}, {"index": "nothing"}, {}]) + "\n"
        answers = self.ask("/elastic/_msearch", body, Content_Type="application/x-ndjson")["responses"]
        self.assertEqual([answer["status"] for answer in answers], [200, 400, 404])
        self.assertEqual(answers[0]["aggregations"]["l"]["buckets"],
                         [{"key": "INFO", "doc_count": 16}, {"key": "ERROR", "doc_count": 4}])
        self.assertEqual(answers[1]["error"]["root_cause"][0]["reason"], "[1:20] unknown query [trem]")

    def page_through(self, first, following):
        """All messages: `first` is the first answer, `following` makes the next of one."""
        seen, answer = [], first
        while answer["hits"]["hits"]:
            seen += self.messages(answer)
            answer = following(answer)
        return seen

    def test_scroll(self):
        def send(number, text):
            level = "WARN" if number % 3 else "INFO"
            body = {**line(number, level, "scrolled"), "message": text, "took": -number}
            self.assertEqual(self.send("POST", "/api/v1/ingest", json.dumps(body) + "\n").status, 200)

        for number in range(20):
            send(number, f"scrolled {number}")
        for sort in ([{"@timestamp": "asc"}], ["_doc"], [{"@timestamp": "desc"}],
                     [{"log.level": "asc"}, {"took": "desc"}]):
            with self.subTest(str(sort)):
                plain = ["@timestamp"] if sort == ["_doc"] else sort
                whole = self.ask("/elastic/scrolled-*/_search", {"size": 1000, "sort": plain})
                expected = self.messages(whole)
                first = self.ask("/elastic/scrolled-*/_search?scroll=1m", {"size": 7, "sort": sort})
                send(10, f"late for {sort}")
                seen = self.page_through(first, lambda answer: self.ask(
                    "/elastic/_search/scroll", {"scroll": "1m", "scroll_id": answer["_scroll_id"]}))
                self.assertEqual((seen, first["hits"]["total"]["value"]), (expected, len(expected)))

    def test_point_in_time(self):
        pit = self.ask("/elastic/api-*/_pit?keep_alive=1m")["id"]
        body = {"size": 6, "pit": {"id": pit, "keep_alive": "1m"}, "sort": [{"@timestamp": "desc"}],
                "query": {"range": {"took": {"gt": 1}}}}
        first = self.ask("/elastic/_search", body)
        self.assertEqual(first["pit_id"], pit)
        seen = self.page_through(first, lambda answer: self.ask(
            "/elastic/_search", {**body, "search_after": answer["hits"]["hits"][-1]["sort"]}))
        self.assertEqual(seen, [f"line {i}" for i in range(39, 0, -2)])
        self.assertTrue(self.ask("/elastic/_pit", {"id": pit}, method="DELETE")["succeeded"])
        self.assertEqual(self.ask("/elastic/_search", {"pit": {"id": "x"}}, status=404)["error"]["type"],
                         "search_context_missing_exception")

    def test_documents_by_id(self):
        answer = self.ask("/elastic/_search", {"query": {"term": {"message.keyword": "line 7"}}})
        hit = answer["hits"]["hits"][0]
        found = self.ask(f"/elastic/{hit['_index']}/_doc/{hit['_id']}", method="GET")
        self.assertEqual((found["found"], found["_source"]), (True, LINES[7]))
        ids = self.ask("/elastic/_search", {"query": {"ids": {"values": [hit["_id"], "none"]}}})
        self.assertEqual(self.messages(ids), ["line 7"])
        self.assertFalse(self.ask(f"/elastic/api-*/_doc/{'0' * 16}-1", method="GET", status=404)["found"])

    def test_top_hits_and_totals(self):
        answer = self.ask("/elastic/api-*,worker-*/_search", {
            "size": 0, "track_total_hits": 5, "query": {"range": {"took": {"gt": 1}}}, "aggs": {"s": {
                "terms": {"field": "service"}, "aggs": {"slowest": {"top_hits": {
                    "size": 1, "sort": [{"took": "desc"}], "_source": ["message"]}}}}}})
        self.assertEqual(answer["hits"]["total"], {"value": 5, "relation": "gte"})
        buckets = answer["aggregations"]["s"]["buckets"]
        slowest = {bucket["key"]: bucket["slowest"]["hits"] for bucket in buckets}
        self.assertEqual(slowest["api"]["hits"][0]["_source"], {"message": "line 39"})
        self.assertEqual(slowest["worker"]["total"]["value"], 19)

    def test_errors(self):
        for path, body, status, kind in [
            ("/elastic/_search", "{", 400, "parsing_exception"),
            ("/elastic/_search", {"size": 10001}, 400, "illegal_argument_exception"),
            ("/elastic/_search?sise=3", {}, 400, "illegal_argument_exception"),
            ("/elastic/_search", {"query": {"query_string": {"query": "a:("}}}, 400, "query_shard_exception"),
            ("/elastic/_search/scroll", {"scroll_id": "bm9uZQ=="}, 404, "search_context_missing_exception"),
            ("/elastic/API/_search", {}, 400, "invalid_index_name_exception"),
            ("/elastic/_search", {"aggs": {"t": {"date_histogram": {
                "field": "@timestamp", "fixed_interval": "1ms", "min_doc_count": 0}}}}, 400,
             "too_many_buckets_exception"),
        ]:
            with self.subTest(f"{path} {kind}"):
                error = self.ask(path, body, status=status)
                self.assertEqual((error["status"], error["error"]["type"]), (status, kind))
                self.assertEqual(error["error"]["root_cause"][0]["type"], kind)

    def test_hostile_bodies(self):
        deep = '{"query":' + '{"bool":{"must":[' * 5000 + "]}}" * 5000 + "}"
        many = {"query": {"bool": {"should": [{"match": {"message": str(i)}} for i in range(5000)]}}}
        for body in [deep, json.dumps(many), '{"query":{"terms":{"a":[' + ",".join("1" * 70000) + "]}}}",
                     '"\\ud800', "\x00", "[]"]:
            answer = self.send("POST", "/elastic/_search", body, **JSON)
            self.assertEqual(answer.status, 400, body[:60])
            self.assertIn("root_cause", json.loads(answer.body)["error"])
        self.assertEqual(self.send("POST", "/elastic/_search", " " * (2 << 20), **JSON).status, 413)

    def warnings(self, path, body):
        answer = self.send("POST", path, json.dumps(body), **JSON)
        self.assertEqual(answer.status, 200, answer.body[:500])
        return answer.headers.get_all("Warning") or []

    def test_warnings_are_headers(self):  # REQ Q-05
        version = json.loads(self.send("GET", "/elastic").body)["version"]
        start = f'299 Elasticsearch-{version["number"]}-{version["build_hash"]} "'
        for body in [
            {"query": {"term": {"servcie": "api"}}},
            {"size": 0, "aggs": {"by": {"terms": {"field": "servcie"}}}},
            {"size": 0, "aggs": {"by": {"cardinality": {"field": "servcie"}}}},
        ]:
            (warning,) = self.warnings("/_search", body)
            self.assertTrue(warning.startswith(start) and warning.endswith('?"'), warning)
            self.assertEqual(warning.count('"'), 2)  # clients take what stands between the two
            self.assertIn("did you mean 'service'?", warning)
        for body in [{}, {"query": {"term": {"service": "nobody"}}}, {"size": 0, "query": {"match_all": {}}},
                     {"size": 0, "aggs": {"by": {"terms": {"field": "service"}}}}]:
            self.assertEqual(self.warnings("/_search", body), [], body)
        (odd,) = self.warnings("/_search", {"query": {"term": {"größe\n": 1}}})
        self.assertTrue(odd.isascii())
        self.assertIn("gr%C3%B6%C3%9Fe", odd)

    def test_a_warning_says_what_is_estimated(self):  # REQ Q-05
        lines = "".join(f'{{"service":"many","n":{n}}}\n' for n in range(101_000))
        self.assertEqual(self.send("POST", "/api/v1/ingest", lines).status, 200)
        body = {"size": 0, "query": {"term": {"service": "many"}},
                "aggs": {"n": {"cardinality": {"field": "n"}}}}
        (warning,) = self.warnings("/_search", body)
        self.assertIn("estimate", warning)
        body["query"] = {"bool": {"filter": [body["query"], {"range": {"n": {"lt": 90_000}}}]}}
        self.assertEqual(self.warnings("/_search", body), [])

    def test_what_clients_check_first(self):
        own = "application/vnd.elasticsearch+json;compatible-with=8"
        answer = self.send("GET", "/elastic", **{"Accept": own})
        self.assertEqual(answer.headers["Content-Type"], own)
        self.assertEqual(json.loads(answer.body)["tagline"], "You Know, for Search")
        self.assertEqual(self.ask("/elastic/_cluster/health", method="GET")["status"], "green")
        table = self.send("GET", "/elastic/_cat/indices/api-*?v&h=index,docs.count").body.decode()
        self.assertEqual(table.splitlines()[0].split(), ["index", "docs.count"])


if __name__ == "__main__":
    client.main()
