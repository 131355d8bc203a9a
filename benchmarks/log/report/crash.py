"""Lines lost when the process dies: 50 000 numbered ones, then what is found after the next start and, from
the same remains, after `taffrail recover`."""

import collections
import concurrent.futures
import json
import pathlib
import re
import shutil
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


def start_again(bench, contestant, directory):
    subprocess.run(bench.command(contestant, "start-again", directory), timeout=TIMEOUT_S, check=True,
                   stdout=subprocess.DEVNULL)
    return lines_of(directory)


def recover(binary, directory):
    """The lines that `taffrail recover` finds are on its standard output, or appended to the file."""
    queue = pathlib.Path(directory) / "queue"
    done = subprocess.run([binary, "recover", queue], capture_output=True, timeout=TIMEOUT_S, check=False)
    return lines_of(directory) + done.stdout.splitlines()


def one_trial(bench, contestant, end, binary):
    """{way: counts}"""
    with bench.directory() as parent:
        first, second = pathlib.Path(parent) / "first", pathlib.Path(parent) / "second"
        first.mkdir()
        die(bench, contestant, end, first)
        found = {}
        if contestant is who.OURS and binary is not None:
            shutil.copytree(first, second)
            found["recover_"] = judge(recover(binary, second), contestant.writes_json)
        found["restart_"] = judge(start_again(bench, contestant, first), contestant.writes_json)
        return found


def measure(binary, bench, plan, note):
    """lost_…: of the worst trial and way, restart_lost_… and recover_lost_… of one way; twice_…, torn_…,
    disordered_…: of all together."""
    note("lines lost by a crash")
    figures = collections.Counter()
    entrants = [who.OURS] + [peer for peer in who.PEERS if plan.with_peers and bench.has(peer)]
    trials = [(contestant, end) for contestant in entrants for end in ENDS
              for _ in range(plan.pick(1, 3) if contestant is who.OURS else 1)]
    with concurrent.futures.ThreadPoolExecutor(plan.pick(4, 1)) as pool:
        results = list(pool.map(lambda trial: one_trial(bench, *trial, binary), trials))
    for (contestant, end), found in zip(trials, results):
        key = contestant.prefix + ENDS[end]
        for way, counts in found.items():
            for name in (key, way + key) if contestant is who.OURS else (key,):
                figures[name] = max(figures[name], counts["lost"])
            for what in ("twice", "torn", "disordered"):
                figures[key.replace("lost", what)] += counts[what]
    return dict(figures)
