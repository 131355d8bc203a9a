"""The `elasticsearch` package for Python (versions 7 and 8) works against Taffrail; only its URL changes.

Skipped and counted where the package is not installed.

REQ Q-03
"""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "api"))
import client  # noqa: E402  (found through the line above)

try:
    import elasticsearch
    import elasticsearch.helpers
except ImportError:
    elasticsearch = None

LINES = [{"@timestamp": f"2025-10-30T14:00:{i:02}.000Z", "log.level": "ERROR" if i % 5 == 0 else "INFO",
          "service": "api", "message": f"line {i}", "took": i} for i in range(40)]


@unittest.skipIf(elasticsearch is None, "the Python package elasticsearch is not installed")
class PythonClientTest(client.ApiTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        body = "".join(json.dumps(each) + "\n" for each in LINES)
        assert client.ApiTest.send(cls, "POST", "/api/v1/ingest", body).status == 200
        cls.elastic = elasticsearch.Elasticsearch(cls.server.url + "/elastic")
        cls.addClassCleanup(cls.elastic.close)

    def test_banner(self):
        self.assertEqual(self.elastic.info()["tagline"], "You Know, for Search")
        self.assertTrue(self.elastic.ping())

    def test_search_count_and_aggregations(self):
        body = {"query": {"bool": {"filter": [{"term": {"log.level": "ERROR"}}]}}, "sort": [{"took": "desc"}],
                "aggs": {"t": {"date_histogram": {"field": "@timestamp", "fixed_interval": "10s"}}}}
        answer = self.elastic.search(index="api-*", body=body)
        self.assertEqual(answer["hits"]["total"]["value"], 8)
        self.assertEqual(answer["hits"]["hits"][0]["_source"], LINES[35])
        buckets = answer["aggregations"]["t"]["buckets"]
        self.assertEqual([bucket["doc_count"] for bucket in buckets], [2, 2, 2, 2])
        self.assertEqual(self.elastic.count(index="api-*", q="took:>=30")["count"], 10)

    def test_scan(self):
        everything = {"query": {"match_all": {}}}
        hits = elasticsearch.helpers.scan(self.elastic, index="api-*", query=everything, size=7)
        self.assertEqual([hit["_source"] for hit in hits], LINES)

    def test_point_in_time(self):
        point = self.elastic.open_point_in_time(index="api-*", keep_alive="1m")["id"]
        seen, after = [], {}
        while True:
            answer = self.elastic.search(body={"size": 9, "sort": [{"@timestamp": "asc"}],
                                               "pit": {"id": point, "keep_alive": "1m"}, **after})
            if not answer["hits"]["hits"]:
                break
            seen += [hit["_source"] for hit in answer["hits"]["hits"]]
            after = {"search_after": answer["hits"]["hits"][-1]["sort"]}
        self.assertEqual(seen, LINES)
        self.assertTrue(self.elastic.close_point_in_time(body={"id": point})["succeeded"])

    def test_msearch_mapping_and_cat(self):
        searches = [{"index": "api-*"}, {"size": 0}, {}, {"query": {"match_none": {}}}]
        answers = self.elastic.msearch(body=searches)
        self.assertEqual([each["hits"]["total"]["value"] for each in answers["responses"]], [40, 0])
        mapping = self.elastic.indices.get_mapping(index="api-error-2025.10.30")
        self.assertIn("took", mapping["api-error-2025.10.30"]["mappings"]["properties"])
        self.assertIn("took", self.elastic.field_caps(index="api-*", fields="t*")["fields"])
        rows = self.elastic.cat.indices(format="json")
        self.assertIn("api-error-2025.10.30", [row["index"] for row in rows])
        self.assertTrue(self.elastic.indices.exists(index="api-error-2025.10.30"))
        self.assertFalse(self.elastic.indices.exists(index="nothing"))

    def test_documents_and_errors(self):
        hit = self.elastic.search(index="api-*", body={"size": 1})["hits"]["hits"][0]
        self.assertEqual(self.elastic.get(index=hit["_index"], id=hit["_id"])["_source"], LINES[0])
        with self.assertRaises(elasticsearch.NotFoundError):
            self.elastic.search(index="nothing", body={})
        with self.assertRaises(elasticsearch.BadRequestError):
            self.elastic.search(body={"query": {"trem": {}}})


if __name__ == "__main__":
    client.main()
