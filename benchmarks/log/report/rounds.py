"""Figures as medians over rounds: in each round every contestant has a process, one after the other, so that
whatever else the machine does hits all alike."""

import statistics

import contestants as who


class Plan:
    """How long everything takes: --quick is for seeing that it works."""

    def __init__(self, quick):
        self.quick = quick
        self.rounds = 2 if quick else 5
        self.peer_rounds = 1 if quick else 3
        self.latency_s = 0.2 if quick else 1
        self.disabled_s = 0.2 if quick else 1
        self.lines = 500_000 if quick else 5_000_000
        self.peer_lines = 100_000 if quick else 1_000_000
        self.idle_s = 1 if quick else 5
        self.paced_s = 0.5 if quick else 5
        self.long_rounds = 1 if quick else 3  # of what takes ten seconds a process


def medians(bench, mode, entrants, options_of):
    """{contestant: {name: median}}. `entrants` are (contestant, rounds)."""
    seen = {contestant: [] for contestant, _ in entrants}
    for number in range(max(rounds for _, rounds in entrants)):
        for contestant, rounds in entrants:
            if number < rounds:
                seen[contestant].append(bench.run(contestant, mode, **options_of(contestant)))
    return {contestant: {name: statistics.median(result[name] for result in results) for name in results[0]}
            for contestant, results in seen.items()}


def entrants(bench, ours, peer_rounds, own_rounds):
    peers = [peer for peer in who.PEERS if bench.has(peer)]
    return [(one, own_rounds) for one in ours] + [(peer, peer_rounds) for peer in peers]


def measure(bench, plan, note):
    """All that medians over rounds can tell, under the names of the JSON."""
    figures = {}

    def keep(results, names):
        for contestant, numbers in results.items():
            for name, key in names.items():
                figures[contestant.prefix + key] = numbers[name]

    both = [who.OURS, who.IN_MEMORY]
    for threads, infix in ((1, ""), (4, "4t_")):
        note(f"W1 call, {threads} thread{'s' * (threads > 1)}")
        results = medians(bench, "latency", entrants(bench, who.FLOORS + both, plan.peer_rounds, plan.rounds),
                          lambda _: {"threads": threads, "seconds": plan.latency_s})
        for contestant, numbers in results.items():
            stem = "" if contestant in who.FLOORS else "w1_call_"
            for name in ("p50_ns", "p999_ns"):
                figures[f"{contestant.prefix}{stem}{infix}{name}"] = numbers[name]

    note("disabled call")
    keep(medians(bench, "disabled", entrants(bench, [who.OURS], plan.peer_rounds, plan.rounds),
                 lambda _: {"seconds": plan.disabled_s}), {"disabled_call_ns": "disabled_call_ns"})
    note("lines a second, into a file")
    keep(medians(bench, "throughput", entrants(bench, both, plan.peer_rounds, plan.rounds),
                 lambda one: {"lines": plan.lines if one in both else plan.peer_lines}),
         {"lines_per_s": "w1_lines_per_s", "cpu_ns_per_line": "w1_cpu_ns_per_line", "rss_mb": "rss_mb",
          "rss_before_mb": "rss_before_mb", "bytes_per_line": "bytes_per_line"})
    note("idle")
    keep(medians(bench, "idle", entrants(bench, [who.OURS], 1, plan.long_rounds),
                 lambda _: {"seconds": plan.idle_s}), {"idle_cpu_pct": "idle_cpu_pct"})
    note("100 000 lines a second")
    keep(medians(bench, "paced", entrants(bench, [who.OURS], 1, plan.long_rounds),
                 lambda _: {"seconds": plan.paced_s}),
         {"paced_100k_cpu_pct": "paced_100k_cpu_pct", "pacing_cpu_pct": "pacing_cpu_pct"})
    return figures
