"""Taffrail and a real Loki get the same lines and the same questions, and must give the same answers, but for
what queries.py has a reason for (CHANGED).

Skipped and counted where Loki cannot be built (peer.py).

REQ Q-01, REQ Q-08
"""

import collections
import json
import math
import os
import random
import sys

import pair
import queries
from pair import labels_of, points_of, streams_of

SEED = int(os.environ.get("TAFFRAIL_LOKI_SEED", "1"))
QUERIES = int(os.environ.get("TAFFRAIL_LOKI_QUERIES", "3000"))
SHOWN = int(os.environ.get("TAFFRAIL_LOKI_SHOWN", "5"))  # differences in a report

def near(a, b):
    return (math.isnan(a) and math.isnan(b)) or a == b or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


def difference_of_points(ours, peers):
    for key in sorted(set(ours) | set(peers), key=repr):
        if key not in ours or key not in peers or not near(ours[key], peers[key]):
            return f"{key}: ours {ours.get(key)}, Loki's {peers.get(key)}"
    return ""


def difference_of_logs(query, ours, peers):
    """Of the lines at the moment where a limit cut, either may have any, but as many."""
    if ours == peers:
        return ""
    flat = [[(at, labels, line) for labels, values in side.items() for at, line in values]
            for side in (ours, peers)]
    if len(flat[0]) != len(flat[1]):
        return f"ours has {len(flat[0])} lines, Loki's {len(flat[1])}"
    last = (max if query.parameters["direction"] == "forward" else min)(at for at, _, _ in flat[1])
    rest = [{each for each in side if each[0] != last} for side in flat]
    if len(flat[0]) == query.parameters["limit"] and rest[0] == rest[1]:
        return ""
    return f"ours alone {sorted(rest[0] - rest[1])[:2]}, Loki's alone {sorted(rest[1] - rest[0])[:2]}"


def difference_of_thinned(ours, peers, chosen_from):
    times = [sorted(at for values in side.values() for at, _ in values) for side in (ours, peers)]
    if times[0] != times[1]:
        return f"ours has other moments: {sorted(set(times[0]) ^ set(times[1]))[:4]}"
    strange = {(labels, value) for labels, values in ours.items() for value in values} - {
        (labels, value) for labels, values in chosen_from.items() for value in values}
    return f"ours has {strange}" if strange else ""


def group_of(group, labels):
    """The labels that `by (…)` or `without (…)` makes of these."""
    if not group:
        return ()
    names = {name.strip() for name in group[group.index("(") + 1:-1].split(",")}
    return tuple(label for label in labels if (label[0] in names) == group.startswith("by"))


def has_void(data):
    return data["resultType"] != "scalar" and not all(all(each["metric"].values()) for each in data["result"])


def difference_of_best(query, ours, peers, chosen_from):
    for key, value in ours.items():
        if key not in chosen_from or not near(value, chosen_from[key]):
            return f"{key}: ours {value}, but it was chosen from {chosen_from.get(key)}"
    grouped = []
    for side in (ours, peers):
        values = collections.defaultdict(list)
        for (at, labels), value in side.items():
            values[at, group_of(query.inner_group, labels)].append(value)
        grouped.append({key: sorted(each) for key, each in values.items()})
    return "" if grouped[0] == grouped[1] else f"other values: ours {grouped[0]}, Loki's {grouped[1]}"[:600]


class SameAnswersTest(pair.PairTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lines = queries.lines(random.Random(SEED))
        cls.times = [at for _, at, _ in lines]
        cls.push_to_both(lines)

    def both(self, query):
        """The two answers to it; a text when one of them refuses."""
        ours = self.us.ask(query.path, query=query.ours, **query.parameters)
        peers = self.loki.ask(query.path, query=query.peers, **query.peers_parameters())
        if ours[0] == peers[0] == 400:
            self.refused += 1
            return None
        if ours[0] != 200 or peers[0] != 200:
            return f"ours {ours[0]} {ours[1][:200]}, Loki's {peers[0]} {peers[1][:200]}"
        return json.loads(ours[1])["data"], json.loads(peers[1])["data"]

    def difference(self, query):
        answers = self.both(query)
        if isinstance(answers, str):
            return answers
        if answers is None:
            return ""
        ours, peers = answers
        if ours["resultType"] != peers["resultType"]:
            return f"ours is a {ours['resultType']}, Loki's a {peers['resultType']}"
        if query.kind == "log":
            self.lines_seen += sum(len(stream["values"]) for stream in peers["result"])
            ours, peers = streams_of(ours["result"]), streams_of(peers["result"])
            if "interval" not in query.parameters:
                return difference_of_logs(query, ours, peers)
            _, whole = self.loki.ask(query.path, query=query.peers, **{**query.parameters, "interval": 0})
            return difference_of_thinned(ours, peers, streams_of(json.loads(whole)["data"]["result"]))
        if has_void(peers):  # CHANGED, void
            self.void += 1
            return ""
        ours, peers = points_of(ours), points_of(peers)
        self.points_seen += len(peers)
        if query.kind == "best":
            _, whole = self.loki.ask(query.path, query=query.inner, **query.peers_parameters())
            if has_void(json.loads(whole)["data"]):
                self.void += 1
                return ""
            return difference_of_best(query, ours, peers, points_of(json.loads(whole)["data"]))
        return difference_of_points(ours, peers)

    def test_queries(self):
        self.lines_seen = self.points_seen = self.refused = self.void = 0
        generator = random.Random(SEED)
        different, asked = [], collections.Counter()
        for _ in range(QUERIES):
            query = queries.query(generator, self.times)
            asked[query.kind, query.path] += 1
            if difference := self.difference(query):
                different.append(f"{query}\n    {difference}")
        if different:
            self.fail(f"{len(different)} of {QUERIES} differ:\n" + "\n".join(different[:SHOWN]))
        print(f"{dict(asked)}: {self.lines_seen} lines, {self.points_seen} points compared, "
              f"{self.refused} refused, {self.void} void", file=sys.stderr)
        self.assertGreater(self.lines_seen, 20 * QUERIES)  # not such questions that all answers are empty
        self.assertGreater(self.points_seen, 20 * QUERIES)

    def test_misspelt_queries(self):
        self.lines_seen = self.points_seen = self.refused = self.void = 0
        generator = random.Random(SEED)
        different, taken, refused, extended = [], 0, 0, []
        for _ in range(QUERIES // 3):
            query = queries.misspelt(generator, self.times)
            status, said = self.loki.ask(query.path, query=query.peers, **query.parameters)
            if status != 200:
                refused += 1
                if self.us.ask(query.path, query=query.ours, **query.parameters)[0] == 200:
                    extended.append(query.ours)
            elif queries.is_compared(query.ours):
                taken += 1
                if difference := self.difference(query):
                    different.append(f"{query}\n    {difference}")
        if different:
            self.fail(f"{len(different)} of {taken} differ:\n" + "\n".join(different[:SHOWN]))
        self.assertGreater(taken, QUERIES // 20)
        self.assertGreater(refused, QUERIES // 20)
        self.assertLess(len(extended), max(4, refused // 50), extended)  # what Loki 3 has and 2.2 has not

    def test_labels_and_series(self):
        span = {"start": queries.START * queries.NS, "end": (queries.START + queries.LENGTH) * queries.NS}

        def both(path, **parameters):
            answers = [side.ask(path, **span, **parameters) for side in (self.us, self.loki)]
            self.assertEqual([status for status, _ in answers], [200, 200], answers)
            return [json.loads(body).get("data") or [] for _, body in answers]

        ours, peers = both("labels")
        self.assertEqual(ours, [name for name in peers if name != "__name__"])
        for name in queries.LABELS:
            ours, peers = both(f"label/{name}/values")
            self.assertEqual(ours, peers, name)
        generator = random.Random(SEED)
        for _ in range(100):
            selector = queries.selector(generator)
            ours, peers = both("series", match=selector)
            self.assertEqual(sorted(map(labels_of, ours)), sorted(map(labels_of, peers)), selector)


if __name__ == "__main__":
    pair.main()
