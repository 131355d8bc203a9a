"""Figures as medians over rounds: in each round every contestant has a process, one after the other, so that
whatever else the machine does hits all alike."""

import dataclasses
import statistics

import contestants as who


@dataclasses.dataclass(frozen=True)
class Plan:
    """How long everything takes: --quick is for seeing that it works."""

    quick: bool
    with_peers: bool

    def pick(self, quick, full):
        return quick if self.quick else full


def medians(bench, mode, entrants, options_of):
    """{contestant: {name: median}}. `entrants` are (contestant, rounds)."""
    seen = {contestant: [] for contestant, _ in entrants}
    for number in range(max(rounds for _, rounds in entrants)):
        for contestant, rounds in entrants:
            if number < rounds:
                seen[contestant].append(bench.run(contestant, mode, **options_of(contestant)))
    return {contestant: {name: statistics.median(result[name] for result in results) for name in results[0]}
            for contestant, results in seen.items()}


def entrants(bench, plan, ours, rounds, peer_rounds):
    peers = [peer for peer in who.PEERS if plan.with_peers and bench.has(peer)]
    return [(one, rounds) for one in ours] + [(peer, peer_rounds) for peer in peers]


def named(results, names):
    """As the JSON has them: {prefix + name in the JSON: number}; `names` says what each is called there."""
    return {contestant.prefix + name: numbers[printed] for contestant, numbers in results.items()
            for printed, name in names.items()}


def call(bench, plan, note):
    figures = {}
    for threads, infix in ((1, ""), (4, "4t_")):
        note(f"W1 call, {threads} thread{'s' * (threads > 1)}")
        ours = [*who.FLOORS, who.OURS, who.IN_MEMORY]
        results = medians(bench, "latency", entrants(bench, plan, ours, plan.pick(2, 7), plan.pick(1, 3)),
                          lambda _: {"threads": threads, "seconds": plan.pick(0.2, 1)})
        for contestant, numbers in results.items():
            stem = contestant.prefix + ("" if contestant in who.FLOORS else "w1_call_") + infix
            figures |= {stem + name: numbers[name] for name in ("p50_ns", "p999_ns")}
    return figures


def disabled(bench, plan, note):
    note("disabled call")
    results = medians(bench, "disabled", entrants(bench, plan, [who.OURS], plan.pick(2, 5), plan.pick(1, 3)),
                      lambda _: {"seconds": plan.pick(0.2, 1)})
    return named(results, {"disabled_call_ns": "disabled_call_ns"})


def lines(bench, plan, note):
    note("lines a second, into a file")
    ours = [who.OURS, who.IN_MEMORY]
    results = medians(bench, "throughput", entrants(bench, plan, ours, plan.pick(2, 5), plan.pick(1, 3)),
                      lambda one: {"lines": plan.pick(500_000, 5_000_000) // (1 if one in ours else 5)})
    return named(results, {"lines_per_s": "w1_lines_per_s", "cpu_ns_per_line": "w1_cpu_ns_per_line",
                           "rss_mb": "rss_mb", "rss_before_mb": "rss_before_mb",
                           "bytes_per_line": "bytes_per_line"})


def idle(bench, plan, note):
    note("idle")
    results = medians(bench, "idle", entrants(bench, plan, [who.OURS], plan.pick(1, 3), 1),
                      lambda _: {"seconds": plan.pick(1, 5)})
    return named(results, {"idle_cpu_pct": "idle_cpu_pct"})


def paced(bench, plan, note):
    note("100 000 lines a second")
    results = medians(bench, "paced", entrants(bench, plan, [who.OURS], plan.pick(1, 3), 1),
                      lambda _: {"seconds": plan.pick(0.5, 5)})
    return named(results, {"paced_100k_cpu_pct": "paced_100k_cpu_pct", "pacing_cpu_pct": "pacing_cpu_pct"})
