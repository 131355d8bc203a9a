#!/usr/bin/env python3
"""REQ L-12: an application elsewhere finds the installed library by find_package and by pkg-config."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cli"))
import harness  # noqa: E402: it stands beside the tests of the command line

BUILD = pathlib.Path(os.environ["TAFFRAIL_BIN"]).resolve().parent


def run(*command, **more):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


class InstallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.prefix = pathlib.Path(cls.scratch.name) / "prefix"
        run("cmake", "--install", BUILD, "--prefix", cls.prefix, "--component", "library")

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def check(self, application):
        line = json.loads(run(application))
        self.assertEqual(line["message"], "Task created")
        self.assertEqual(line["service"], "application")
        self.assertEqual(line["context"], {"request_id": "req_1"})
        self.assertEqual(line["metadata"], {"duration_ms": 45})

    def test_find_package(self):
        build = pathlib.Path(self.scratch.name) / "cmake"
        run("cmake", "-S", HERE / "application", "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", build)
        self.check(build / "application")

    def test_pkg_config(self):
        packages = next(self.prefix.glob("lib*/**/pkgconfig"))
        environment = os.environ | {"PKG_CONFIG_PATH": str(packages)}
        # The prefix is chosen at installation; the file says where it was configured for.
        flags = run("pkg-config", f"--define-variable=prefix={self.prefix}", "--cflags", "--libs", "taffrail",
                    env=environment).split()
        application = pathlib.Path(self.scratch.name) / "application"
        run("c++", "-std=c++20", HERE / "application" / "main.cc", "-o", application, *flags)
        self.check(application)

    def test_every_public_header_stands_alone(self):
        """Without Taffrail's own sources in reach; those that adapt another library need that library."""
        include = self.prefix / "include"
        for header in sorted((include / "taffrail").rglob("*.h")):
            name = header.relative_to(include)
            if {"adapters", "instrument", "middleware", "propagate"} & set(name.parts) or "otel" in name.name:
                continue
            with self.subTest(header=str(name)):
                run("c++", "-std=c++20", "-fsyntax-only", "-Wall", "-Werror", "-x", "c++", f"-I{include}",
                    "-include", name, "/dev/null")


if __name__ == "__main__":
    harness.main()
