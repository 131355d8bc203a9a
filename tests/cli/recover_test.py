"""`taffrail recover` and `taffrail agent`: what killed processes left in their queues. REQ L-10"""

import json
import os
import pathlib
import random
import subprocess
import tempfile
import time

import harness
from harness import DAMAGED, DONE, UNREACHABLE, USAGE, TestCase, run

PROGRAM = os.environ.get("TAFFRAIL_CRASH_PROGRAM", "build/debug/tests/cli/crash_program")


class RecoverTest(TestCase):
    def setUp(self):
        scene = tempfile.TemporaryDirectory()
        self.addCleanup(scene.cleanup)
        self.dir = pathlib.Path(scene.name)
        self.queue = self.dir / "queue"
        self.log = self.dir / "app.log"

    def kill_at_full_speed(self, seconds):
        process = subprocess.Popen([PROGRAM, self.queue, self.log], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + harness.SECONDS
        while not (self.log.exists() and self.log.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(seconds)
        process.kill()
        process.wait()

    def leave_queued(self, lines):
        """A process that has logged so many lines a thread, killed."""
        process = subprocess.Popen([PROGRAM, self.queue, self.log, str(lines)], stdout=subprocess.PIPE)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        process.kill()
        process.wait()
        process.stdout.close()

    def check(self, text, more_than=0):
        """Each thread's lines from 0 on, in order, none twice, none torn; for every process alike."""
        following = {}
        for line in text.splitlines():
            value = json.loads(line)
            self.assertEqual(value["service"], "crash")
            thread, number = value["metadata"]["t"], value["metadata"]["n"]
            self.assertEqual(number, following.get(thread, 0))
            following[thread] = number + 1
        self.assertGreater(sum(following.values()), more_than)

    def test_writes_to_the_files_of_the_process(self):
        rng = random.Random(3)
        for _ in range(5):
            self.log.unlink(missing_ok=True)
            self.kill_at_full_speed(rng.random() * 0.05)
            done = run("recover", self.queue)
            self.assertEqual((done.returncode, done.stdout), (DONE, b""), done.stderr)
            self.check(self.log.read_bytes())
            self.assertEqual(list(self.queue.iterdir()), [])

    def test_writes_elsewhere_and_may_leave_all_there(self):
        self.leave_queued(50)
        already = len(self.log.read_bytes().splitlines())
        first = run("recover", self.queue, "--output", "-", "--keep")
        again = run("recover", self.queue, "--output", "-")
        self.assertEqual((first.returncode, again.returncode), (DONE, DONE), first.stderr + again.stderr)
        self.assertEqual(first.stdout, again.stdout)
        self.assertEqual(already + len(again.stdout.splitlines()), 200)
        self.check(self.log.read_bytes() + again.stdout, more_than=199)
        self.assertEqual(run("recover", self.queue, "--output", "-").stdout, b"")

    def test_leaves_living_processes_alone(self):
        process = subprocess.Popen([PROGRAM, self.queue, self.log, "5"], stdout=subprocess.PIPE)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        done = run("recover", self.queue, "--output", "-")
        self.assertEqual((done.returncode, done.stdout), (DONE, b""))
        self.assertIn(b"in use", done.stderr)
        self.assertEqual(len(list(self.queue.iterdir())), 1)
        process.stdout.close()

    def test_says_what_is_damaged_and_writes_the_rest(self):
        self.leave_queued(50)
        entry, = self.queue.iterdir()
        ring = sorted(entry.glob("queue-*"))[0]
        ring.write_bytes(b"\xff" * 64 + ring.read_bytes()[64:])
        done = run("recover", self.queue, "--output", "-")
        self.assertEqual(done.returncode, DAMAGED, done.stderr)
        whole = {json.loads(line)["metadata"]["t"] for line in done.stdout.splitlines()}
        self.assertLessEqual(len(whole), 3)
        self.leave_queued(10)
        entry, = self.queue.iterdir()
        (entry / "names").write_bytes(b"\0" * 100)
        done = run("recover", self.queue, "--output", "-")
        self.assertEqual(done.returncode, DAMAGED, done.stderr)
        self.assertIn(b"unreadable", done.stderr)

    def test_what_is_no_queue(self):
        self.assertEqual(run("recover", self.dir / "missing").returncode, UNREACHABLE)
        self.assertEqual(run("recover", __file__).returncode, UNREACHABLE)
        self.assertEqual(run("recover").returncode, USAGE)
        self.assertEqual(run("recover", self.dir, "--keep").returncode, USAGE)
        (self.dir / "1-0123456789abcdef").mkdir()  # without a lock it is no entry
        (self.dir / "other").mkdir()
        self.assertEqual(run("recover", self.dir).returncode, DONE)
        self.assertEqual(len(list(self.dir.iterdir())), 2)

    def test_agent_delivers_what_is_left(self):
        output = self.dir / "agent.log"
        agent = subprocess.Popen([harness.BIN, "agent", "--queue-dir", self.queue, "--output", output,
                                  "--interval", "0.05"], stderr=subprocess.DEVNULL)
        self.addCleanup(agent.wait)
        self.addCleanup(agent.kill)
        self.leave_queued(50)
        deadline = time.monotonic() + harness.SECONDS
        while list(self.queue.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.02)
        agent.terminate()
        self.assertEqual(agent.wait(harness.SECONDS), 0)
        self.check(self.log.read_bytes() + output.read_bytes(), more_than=199)


if __name__ == "__main__":
    harness.main()
