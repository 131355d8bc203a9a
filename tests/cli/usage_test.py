"""Help, usage errors, exit codes, completion: everything that needs no data."""

import os
import shutil
import subprocess


import harness
from harness import BIN, CHECK_FAILED, DONE, UNREACHABLE, USAGE, TestCase, environment, run

COMMANDS = ["serve", "agent", "import", "search", "tail", "trail", "stats", "store", "redact", "audit",
            "recover", "doctor", "config", "completion", "version"]


class Help(TestCase):
    def test_names_every_command_with_examples(self):  # REQ P-03
        text = self.ok("--help").decode()
        for command in COMMANDS:
            self.assertRegex(text, rf"(?m)^  {command} +[A-Z]")
        self.assertIn("Examples", text)

    def test_every_command_explains_itself(self):
        for command in COMMANDS:
            text = self.ok(command, "--help").decode()
            self.assertIn(f"taffrail {command}", text)
            self.assertIn("Examples", text, command)

    def test_fits_the_terminal(self):
        for command in COMMANDS:
            text = self.ok(command, "--help", env={"COLUMNS": "80"}).decode()
            prose = text.split("Examples")[0]
            for line in prose.splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_colours_only_where_asked(self):
        self.assertNotIn(b"\x1b", self.ok("--help"))
        self.assertIn(b"\x1b", self.ok("--color", "always", "--help"))
        self.assertIn(b"\x1b", self.ok("--help", env={"CLICOLOR_FORCE": "1"}))
        self.assertNotIn(b"\x1b", self.ok("--help", env={"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}))

    def test_nothing_at_all_is_a_usage_error_that_helps(self):
        result = run()
        self.assertEqual(result.returncode, USAGE)
        self.assertIn(b"search", result.stderr)

    def test_version(self):
        self.assertRegex(self.ok("version").decode(), r"^taffrail \d+\.\d+\.\d+\n$")


class UsageErrors(TestCase):
    def test_unknown_command_suggests_the_nearest(self):
        self.assertIn('did you mean "search"?', self.fails(USAGE, "serach"))
        self.assertNotIn("did you mean", self.fails(USAGE, "xyzzy"))

    def test_unknown_option_names_the_command(self):
        message = self.fails(USAGE, "search", "--frobnicate", "x")
        self.assertIn("--frobnicate", message)
        self.assertIn("taffrail search --help", message)

    def test_values_out_of_a_choice(self):
        self.assertIn("--format", self.fails(USAGE, "search", "--format", "xml", "*"))

    def test_query_errors_point_at_the_place(self):
        path = self.write("a.ndjson", '{"level":"INFO"}\n')
        result = run("search", 'level:"open', path)
        self.assertEqual(result.returncode, USAGE)
        self.assertRegex(result.stderr.decode(), r'taffrail: .* column \d+\n  level:"open\n +\^\n')

    def test_times_that_are_none(self):
        path = self.write("a.ndjson", '{"level":"INFO"}\n')
        self.assertIn("yesterdayish", self.fails(USAGE, "search", "--from", "yesterdayish", "*", path))

    def test_url_and_data_exclude_each_other(self):
        self.fails(USAGE, "search", "--url", "http://127.0.0.1:1", "--data", "x", "*")

    def test_control_characters_of_arguments_stay_inert(self):
        self.assertNotIn("\x1b", self.fails(USAGE, "\x1b[2J"))


class Unreachable(TestCase):
    def test_no_server(self):
        message = self.fails(UNREACHABLE, "search", "--url", "http://127.0.0.1:1", "*")
        self.assertIn("127.0.0.1", message)
        self.fails(UNREACHABLE, "stats", "--url", "http://127.0.0.1:1")
        self.fails(UNREACHABLE, "trail", "--url", "http://127.0.0.1:1", "req_1")

    def test_no_file(self):
        self.assertIn("nowhere.log", self.fails(UNREACHABLE, "search", "*", self.dir / "nowhere.log"))
        message = self.fails(UNREACHABLE, "import", "--quiet", "--data", self.dir / "s", self.dir)
        self.assertIn("directory", message)

    def test_no_store(self):
        missing = self.dir / "nowhere"
        self.fails(UNREACHABLE, "search", "--data", missing, "*")
        self.fails(UNREACHABLE, "store", "info", missing)
        self.assertFalse(missing.exists(), "looking must not create")

    def test_the_environment_names_the_server(self):
        message = self.fails(UNREACHABLE, "search", "*", env={"TAFFRAIL_URL": "http://127.0.0.1:2"})
        self.assertIn("127.0.0.1", message)


class Completion(TestCase):
    """Loads the script into a real bash and asks it what it would offer."""

    def complete(self, line):
        words = line.split(" ")
        script = f"""
            source <("$TAFFRAIL" completion bash)
            COMP_WORDS=({' '.join(f"'{word}'" for word in words)}); COMP_CWORD={len(words) - 1}
            _taffrail; printf '%s\\n' "${{COMPREPLY[@]}}" """
        result = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, check=True,
                                cwd=self.dir, env=environment(TAFFRAIL=os.path.abspath(BIN)))
        self.assertEqual(result.stderr, b"")
        return result.stdout.decode().split()

    def test_commands(self):
        self.assertEqual(set(COMMANDS) - set(self.complete("taffrail ")), set())
        self.assertEqual(self.complete("taffrail sea"), ["search"])

    def test_subcommands(self):
        offered = set(self.complete("taffrail store "))
        self.assertEqual({"info", "verify", "repair", "compact"} - offered, set())

    def test_options_and_their_values(self):
        self.assertIn("--explain", self.complete("taffrail search --ex"))
        self.assertEqual(self.complete("taffrail search --format c"), ["csv"])
        self.assertEqual(self.complete("taffrail search level:ERROR --lang "),
                         ["search", "logql", "insights", "elastic", "jq"])
        self.assertEqual(self.complete("taffrail --color n"), ["never"])

    def test_files(self):
        self.write("app.ndjson", "")
        self.assertEqual(self.complete("taffrail import app"), ["app.ndjson"])

    def test_every_shell_has_one(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertIn(b"search", self.ok("completion", shell))
        self.fails(USAGE, "completion", "cmd.exe")

    def test_the_scripts_parse(self):
        for shell in ("bash", "zsh", "fish"):
            if not shutil.which(shell):
                continue
            path = self.write("script", self.ok("completion", shell))
            self.assertEqual(subprocess.run([shell, "-n", path], check=False).returncode, DONE, shell)


class Doctor(TestCase):
    def test_says_what_is_wrong_and_how_to_mend_it(self):  # REQ P-07
        result = run("doctor", "--url", "http://127.0.0.1:1", "--data", self.dir / "nowhere")
        self.assertEqual(result.returncode, CHECK_FAILED)
        self.assertIn(b"taffrail serve", result.stdout)


if __name__ == "__main__":
    harness.main()
