"""taffrail store delete, drop, snapshot and restore, over a store's directory."""

import json
import unittest

import harness
from harness import TestCase


class StoreLife(TestCase):
    def setUp(self):
        super().setUp()
        self.store = self.dir / "store"
        lines = []
        for i in range(300):
            time = "2026-01-%02dT08:00:00Z" % (1 + i % 3)
            lines.append(json.dumps({"timestamp": time, "user": "usr_%08x" % (i % 7), "n": i}) + "\n")
        self.ok("import", "--data", self.store, self.write("in.ndjson", "".join(lines).encode()))

    def count(self, store, query="*"):
        text = self.ok("search", "--data", store, query, "--limit", "0", "--format", "raw")
        return len(text.splitlines())

    def test_delete_counts_first_and_then_deletes(self):  # REQ D-03
        query = "user:usr_00000003"
        there = self.count(self.store, query)
        self.assertEqual(there, 43)
        counted = self.ok("store", "delete", self.store, query, "--dry-run")
        self.assertIn(b"43 lines would be deleted", counted)
        self.assertEqual(self.count(self.store), 300)
        self.assertIn(b"43 lines deleted", self.ok("store", "delete", self.store, query))
        self.assertEqual(self.count(self.store), 257)
        self.assertEqual(self.count(self.store, query), 0)
        self.ok("store", "compact", self.store)
        self.assertEqual(self.count(self.store), 257)
        self.ok("store", "verify", self.store)

    def test_drop_removes_days(self):  # REQ D-05
        self.ok("store", "drop", self.store, "--before", "2026-01-02", "--dry-run")
        self.assertEqual(self.count(self.store), 300)
        self.assertIn(b"100 lines", self.ok("store", "drop", self.store, "--before", "2026-01-02"))
        self.assertEqual(self.count(self.store), 200)

    def test_snapshot_and_restore(self):  # REQ D-05
        self.ok("store", "snapshot", self.store, self.dir / "snapshot")
        self.ok("store", "delete", self.store, "*")
        self.assertEqual(self.count(self.store), 0)
        self.ok("store", "restore", self.dir / "snapshot", self.dir / "restored")
        self.assertEqual(self.count(self.dir / "restored"), 300)
        self.ok("store", "verify", self.dir / "restored")


if __name__ == "__main__":
    harness.main()
