"""Lines lost when the process dies: 50 000 numbered ones, then what is found after the next start or after
`taffrail recover`."""

import collections
import concurrent.futures
import json
import pathlib
import re
import signal
import subprocess

import contestants as who

LINES = 50_000
ENDS = {"fast": "lost_kill_fast", "paced": "lost_kill_paced", "idle": "lost_kill_idle",
        "segv": "lost_sigsegv"}
TIMEOUT_S = 60
NUMBER = re.compile(rb'duration_ms"?[:=](\d+)')
MESSAGE = b"Task created successfully"
TEXT_ENDS = b"path=/api/v1/tasks"


def number_of(line, writes_json):
    """The line's number; None for another line, as of the crash itself; "torn" when it is not whole."""
    if writes_json:
        try:
            fields = json.loads(line)
        except ValueError:
            return "torn"
        return fields["metadata"]["duration_ms"] if fields.get("message") == MESSAGE.decode() else None
    if MESSAGE not in line:
        return None
    found = NUMBER.search(line)
    return int(found[1]) if found and line.endswith(TEXT_ENDS) else "torn"


def judge(lines, writes_json):
    """How many of the numbered lines are lost, there twice, torn, or not in their place."""
    counts = collections.Counter(lost=0, twice=0, torn=0, disordered=0)
    seen, last = set(), -1
    for line in lines:
        number = number_of(line, writes_json)
        if number == "torn":
            counts["torn"] += 1
        elif number in seen:
            counts["twice"] += 1
        elif number is not None:
            counts["disordered"] += number < last
            seen.add(number)
            last = number
    counts["lost"] = LINES - len(seen)
    return counts


def lines_of(directory):
    path = pathlib.Path(directory) / "log"
    return path.read_bytes().splitlines() if path.exists() else []


def die(bench, contestant, end, directory):
    command = bench.command(contestant, "crash", directory, end=end, lines=LINES)
    done = subprocess.run(command, timeout=TIMEOUT_S, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          check=False)
    if done.returncode != -(signal.SIGSEGV if end == "segv" else signal.SIGKILL):
        raise RuntimeError(f"{contestant.title}: crash {end}: ended with {done.returncode}")


def start_again(bench, contestant, directory, _):
    subprocess.run(bench.command(contestant, "start-again", directory), timeout=TIMEOUT_S, check=True,
                   stdout=subprocess.DEVNULL)
    return lines_of(directory)


def recover(_, __, directory, binary):
    """What the command finds it appends to the file that the process wrote, or else prints."""
    queue = pathlib.Path(directory) / "queue"
    done = subprocess.run([binary, "recover", queue], capture_output=True, timeout=TIMEOUT_S, check=False)
    return lines_of(directory) + [line for line in done.stdout.splitlines() if MESSAGE in line]


WAYS = {"restart": start_again, "recover": recover}


def one_trial(bench, contestant, end, way, binary):
    with bench.directory() as directory:
        die(bench, contestant, end, directory)
        return judge(WAYS[way](bench, contestant, directory, binary), contestant.writes_json)


def measure(binary, bench, plan, note):
    """lost_…: of the worst trial and way, restart_lost_… and recover_lost_… of one way; twice_…, torn_…,
    disordered_…: of all together. A peer knows no way but to start again."""
    note("lines lost by a crash")
    ours = ["restart"] + ["recover"] * (binary is not None)
    entrants = [(who.OURS, way) for way in ours for _ in range(plan.pick(1, 3))]
    entrants += [(peer, "restart") for peer in who.PEERS if plan.with_peers and bench.has(peer)]
    trials = [(contestant, end, way) for contestant, way in entrants for end in ENDS]
    with concurrent.futures.ThreadPoolExecutor(plan.pick(4, 1)) as pool:
        results = list(pool.map(lambda trial: one_trial(bench, *trial, binary), trials))
    figures = collections.Counter()
    for (contestant, end, way), counts in zip(trials, results):
        key = contestant.prefix + ENDS[end]
        for name in (key, f"{way}_{key}") if contestant is who.OURS else (key,):
            figures[name] = max(figures[name], counts["lost"])
        for what in ("twice", "torn", "disordered"):
            figures[key.replace("lost", what)] += counts[what]
    return dict(figures)
