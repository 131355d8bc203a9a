"""Who is measured: a program of libraries/ and the variant of it, and the prefix of its names in the JSON."""

import dataclasses
import json
import pathlib
import subprocess
import tempfile

PROCESS_TIMEOUT_S = 300  # glog needs half a minute for what takes us a second; nobody needs five


@dataclasses.dataclass(frozen=True)
class Contestant:
    title: str
    program: str
    variant: str
    prefix: str  # of its names in the JSON
    writes_json: bool = True


OURS = Contestant("taffrail", "taffrail", "", "")
IN_MEMORY = Contestant("taffrail in memory", "taffrail", "memory", "memory_")
FLOOR = Contestant("ring on the heap", "floor", "heap", "floor_")
FLOORS = [FLOOR, Contestant("in a mapped file", "floor", "shared", "floor_shared_"),
          Contestant("of known lengths", "floor", "fixed", "floor_fixed_"),
          Contestant("read by another thread", "floor", "read", "floor_read_")]
PEERS = [Contestant("spdlog async", "spdlog", "async", "spdlog_async_"),
         Contestant("spdlog sync", "spdlog", "sync", "spdlog_sync_"),
         Contestant("glog", "glog", "", "glog_", writes_json=False),
         Contestant("Boost.Log async", "boost_log", "async", "boost_log_async_"),
         Contestant("Boost.Log sync", "boost_log", "sync", "boost_log_sync_")]


class Bench:
    """Where the programs are, and where they may write."""

    def __init__(self, programs, scratch):
        self.programs = pathlib.Path(programs)
        self.scratch = pathlib.Path(scratch)

    def has(self, contestant):
        return (self.programs / contestant.program).exists()

    def directory(self):
        """A directory of one process, on a real disk, gone afterwards."""
        return tempfile.TemporaryDirectory(dir=self.scratch)

    def command(self, contestant, mode, directory, **options):
        words = [self.programs / contestant.program, mode, "--dir", directory]
        if contestant.variant:
            words += ["--variant", contestant.variant]
        for name, value in options.items():
            words += [f"--{name}", value]
        return [str(word) for word in words]

    def run(self, contestant, mode, **options):
        """The numbers that one process of its own printed."""
        with self.directory() as directory:
            done = subprocess.run(self.command(contestant, mode, directory, **options), capture_output=True,
                                  timeout=PROCESS_TIMEOUT_S, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{contestant.title}: {mode} {options}: exit {done.returncode}: "
                               f"{done.stderr.decode(errors='replace')[-500:]}")
        return json.loads(done.stdout)
