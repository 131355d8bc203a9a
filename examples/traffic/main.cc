// Real HTTP traffic against the task service: many people, mostly well-behaved, some not.
#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "json/writer.h"
#include "traffic/visitor.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string url = "http://127.0.0.1:8080";
  double rps = 20;
  double duration_s = 0;  // until a signal
  uint64_t seed = 1;
  int concurrency = 8;
  int64_t requests = 0;
  std::string summary;
  std::string sample_file;
  bool quiet = false;
};

volatile std::sig_atomic_t interrupted = 0;

// Each visitor comes at its own random times, so that the service sees the bunching that real callers make.
void Drive(std::stop_token stop, const Options& options, int index, traffic::World& world,
           traffic::Tally& tally) {
  const uint64_t seed = examples::demo::Scramble(options.seed * 1000 + static_cast<uint64_t>(index));
  traffic::Visitor visitor(examples::http::ParseOrigin(options.url), seed, world, tally);
  traffic::Random gaps(seed + 1);
  const double rate = options.rps / options.concurrency;
  auto due = Clock::now();
  while (!stop.stop_requested()) {
    due += std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(gaps.Gap(rate)));
    due = std::max(
        due, Clock::now() - std::chrono::seconds(1));  // a slow answer is caught up with, up to a second
    while (Clock::now() < due && !stop.stop_requested()) {
      std::this_thread::sleep_for(
          std::min<Clock::duration>(due - Clock::now(), std::chrono::milliseconds(100)));
    }
    if (!stop.stop_requested()) {
      visitor.Visit();
    }
  }
}

int64_t CountOf(const traffic::Counts& counts, int hundred) {
  int64_t sum = 0;
  for (const auto& [status, count] : counts.by_status) {
    sum += status / 100 == hundred ? count : 0;
  }
  return sum;
}

void PrintProgress(const traffic::Tally& tally, double elapsed_s) {
  const traffic::Counts counts = tally.counts();
  std::fprintf(stderr,
               "traffic %5.0f s  %7lld requests  %6.1f/s  2xx %lld  4xx %lld  5xx %lld  unanswered %lld  p99 "
               "%.0f ms\n",
               elapsed_s, static_cast<long long>(counts.requests),
               static_cast<double>(counts.requests) / elapsed_s, static_cast<long long>(CountOf(counts, 2)),
               static_cast<long long>(CountOf(counts, 4)), static_cast<long long>(CountOf(counts, 5)),
               static_cast<long long>(counts.unanswered), tally.PercentileMs(0.99));
}

std::string Summary(const traffic::Tally& tally) {
  const traffic::Counts counts = tally.counts();
  examples::json::Writer out;
  out.BeginObject();
  out.Field("requests", counts.requests);
  out.Field("unanswered", counts.unanswered);
  out.Field("unexpected", counts.unexpected);
  out.Key("by_status");
  out.BeginObject();
  for (const auto& [status, count] : counts.by_status) {
    out.Field(std::to_string(status), count);
  }
  out.EndObject();
  out.Field("p50_ms", static_cast<int64_t>(tally.PercentileMs(0.5)));
  out.Field("p99_ms", static_cast<int64_t>(tally.PercentileMs(0.99)));
  out.Field("sample_request_id", tally.sample_request_id());
  out.EndObject();
  return std::move(out).Take();
}

bool Finished(const Options& options, const traffic::Tally& tally, Clock::duration elapsed) {
  return interrupted != 0 ||
         (options.duration_s > 0 && elapsed >= std::chrono::duration<double>(options.duration_s)) ||
         (options.requests > 0 && tally.counts().requests >= options.requests);
}

void WriteSample(const Options& options, const traffic::Tally& tally) {
  if (!options.sample_file.empty() && !tally.sample_request_id().empty()) {
    std::ofstream(options.sample_file, std::ios::trunc) << tally.sample_request_id() << '\n';
  }
}

void Run(const Options& options, traffic::Tally& tally) {
  traffic::World world;
  std::vector<std::jthread> visitors;
  visitors.reserve(static_cast<size_t>(options.concurrency));
  for (int i = 0; i < options.concurrency; ++i) {
    visitors.emplace_back(Drive, std::cref(options), i, std::ref(world), std::ref(tally));
  }
  const auto start = Clock::now();
  auto next_report = start + std::chrono::seconds(2);
  while (!Finished(options, tally, Clock::now() - start)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (Clock::now() >= next_report) {
      next_report += std::chrono::seconds(5);
      WriteSample(options, tally);
      if (!options.quiet) {
        PrintProgress(tally, std::chrono::duration<double>(Clock::now() - start).count());
      }
    }
  }
  for (std::jthread& visitor : visitors) {
    visitor.request_stop();
  }
  visitors.clear();
  WriteSample(options, tally);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  bool list = false;
  int password_of = -1;
  CLI::App app("Makes real HTTP requests against the task service.");
  app.add_option("--url", options.url, "the task service")->capture_default_str();
  app.add_option("--rps", options.rps, "visits a second, all visitors together")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--duration", options.duration_s, "seconds to run; 0: until SIGINT or SIGTERM")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--requests", options.requests, "stop after so many requests; 0: no such limit")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--seed", options.seed, "the same seed draws the same visits")->capture_default_str();
  app.add_option("--concurrency", options.concurrency, "visitors at a time")
      ->check(CLI::Range(1, 256))  // a thread each
      ->capture_default_str();
  app.add_option("--summary", options.summary,
                 "write the closing JSON line to this file, not to the standard output");
  app.add_option("--sample-file", options.sample_file, "keep the id of a request worth a look in this file");
  app.add_flag("--quiet", options.quiet, "no progress lines");
  app.add_flag("--list", list, "print what visitors do, with its weight, and end");
  app.add_option("--password-of", password_of, "print the password of this person of the demo, and end")
      ->check(CLI::Range(0, examples::demo::kUserCount - 1));
  CLI11_PARSE(app, argc, argv);
  if (password_of >= 0) {
    std::puts(examples::demo::PersonNumber(password_of).password.c_str());
    return 0;
  }
  if (list) {
    std::fputs(traffic::Visitor::DescribeActions().c_str(), stdout);
    return 0;
  }
  std::signal(SIGINT, [](int) { interrupted = 1; });
  std::signal(SIGTERM, [](int) { interrupted = 1; });
  try {
    examples::http::ParseOrigin(options.url);
    traffic::Tally tally;
    Run(options, tally);
    const std::string summary = Summary(tally);
    if (options.summary.empty()) {
      std::puts(summary.c_str());
    } else {
      std::ofstream(options.summary, std::ios::trunc) << summary << '\n';
    }
    const traffic::Counts counts = tally.counts();
    return counts.requests > 0 && counts.unanswered == 0 && counts.unexpected == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "traffic: %s\n", error.what());
    return 2;
  }
}
