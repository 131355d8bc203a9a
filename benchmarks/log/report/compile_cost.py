"""What a library's header costs the compiler above an empty file, and what a file with 20 calls costs:
processor time of g++ -O2, the median over rounds in which the libraries take turns."""

import os
import pathlib
import statistics
import subprocess

import contestants as who

COMPILER = ["g++", "-std=c++20", "-O2", "-DSPDLOG_COMPILED_LIB", "-DSPDLOG_FMT_EXTERNAL"]
CALLS = 20

# program: (what it includes, what stands before the calls, one call with {n} for its number)
SOURCES = {
    "taffrail": (
        "#include <taffrail/log.h>\n",
        'const taffrail::Logger log("compile");\nusing taffrail::kv;\n',
        'log.info("Task {n}", kv("request_id", id), kv("user_id", id), kv("duration_ms", number), '
        'kv("path", id));'),
    "spdlog": (
        "#include <spdlog/spdlog.h>\n", "",
        'spdlog::info("Task {n} request_id={{}} user_id={{}} duration_ms={{}} path={{}}", '
        'id, id, number, id);'),
    "glog": (
        "#include <glog/logging.h>\n", "",
        'LOG(INFO) << "Task {n} request_id=" << id << " user_id=" << id << " duration_ms=" << number '
        '<< " path=" << id;'),
    "boost_log": (
        "#include <boost/log/trivial.hpp>\n", "",
        'BOOST_LOG_TRIVIAL(info) << "Task {n} request_id=" << id << " user_id=" << id << " duration_ms=" '
        '<< number << " path=" << id;'),
}


def with_calls(program):
    includes, before, call = SOURCES[program]
    calls = "\n".join("  " + call.format(n=number) for number in range(CALLS))
    return (f"{includes}#include <string>\n{before}"
            f"void Calls(const std::string& id, int number) {{\n{calls}\n}}\n")


def compile_ms(text, include, directory):
    """User and system time of one compilation."""
    source = pathlib.Path(directory) / "file.cc"
    source.write_text(text)
    process = subprocess.Popen([*COMPILER, "-I", include, "-c", source, "-o", source.with_suffix(".o")])
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise RuntimeError(f"does not compile:\n{text}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def measure(include, bench, plan, note):
    note("what the header costs the compiler")
    entrants = [who.OURS] + [peer for peer in who.PEERS if plan.with_peers and bench.has(peer)]
    programs = dict.fromkeys(one.program for one in entrants)
    texts = {("", "empty"): ""}
    for program in programs:
        texts[program, "header"] = SOURCES[program][0]
        texts[program, "20_calls"] = with_calls(program)
    seen = {which: [] for which in texts}
    with bench.directory() as directory:
        for _ in range(plan.pick(1, 5)):
            for which, text in texts.items():
                seen[which].append(compile_ms(text, include, directory))
    medians = {which: statistics.median(times) for which, times in seen.items()}
    return {f"{one.prefix}compile_{what}_ms": medians[one.program, what] - medians["", "empty"]
            for one in entrants for what in ("header", "20_calls")}
