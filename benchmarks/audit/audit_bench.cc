// Appends audit records to a ledger on the real disk, as ingest does, and verifies it.
//
//   bench_audit DIR RECORDS        a line of JSON
#include <fmt/format.h>
#include <sys/resource.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "audit/verify.h"
#include "base/env.h"
#include "ledger/ledger.h"

namespace {

using namespace taffrail;

constexpr int kThreads = 4;      // uploads side by side
constexpr int kBatchRows = 100;  // records an upload has; each batch is durable before the next is sent

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double Seconds(base::Env& env, int64_t since_ns) {
  return static_cast<double>(env.MonotonicNs() - since_ns) / 1e9;
}

std::string Record(int thread, uint64_t i) {
  return fmt::format(
      R"({{"timestamp":"2026-01-01T10:00:00.{:03}Z","level":"INFO","logger":"audit.oauth",)"
      R"("message":"OAuth token issued",)"
      R"("event":"token_issued","provider":"google","scopes":["calendar","mail.read"],"user":"user_{}_{}",)"
      R"("ip_address":"192.0.2.7","user_agent":"Mozilla/5.0 X11 Linux x86_64","security_level":"audit"}})",
      i % 1000, thread, i);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: bench_audit DIR RECORDS\n");
    return 2;
  }
  base::Env& env = base::Env::Posix();
  const uint64_t records = std::strtoull(argv[2], nullptr, 10);
  auto key = std::make_shared<audit::PrivateKey>(
      *audit::PrivateKey::FromSeed("bench/default/audit", audit::KeyType::kEd25519, std::string(32, 'b')));
  std::vector<std::vector<std::string>> lines(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    for (uint64_t i = 0; i < records / kThreads; ++i) lines[static_cast<size_t>(t)].push_back(Record(t, i));
  }
  auto ledger = ledger::Ledger::Open({.dir = argv[1], .signer = key});
  if (!ledger.ok()) {
    fmt::print(stderr, "{}\n", ledger.status().ToString());
    return 1;
  }
  std::atomic<bool> failed = false;
  const double cpu_before = CpuSeconds();
  int64_t begin_ns = env.MonotonicNs();
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const std::vector<std::string>& mine = lines[static_cast<size_t>(t)];
      for (size_t i = 0; i < mine.size(); i += kBatchRows) {
        const size_t end = std::min(mine.size(), i + kBatchRows);
        const std::vector<std::string_view> batch(mine.begin() + static_cast<ptrdiff_t>(i),
                                                  mine.begin() + static_cast<ptrdiff_t>(end));
        if (!(*ledger)->Append(batch).ok()) failed = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (!(*ledger)->Publish().ok()) failed = true;  // the last checkpoint is part of the work
  const double append_s = Seconds(env, begin_ns);
  const double append_cpu_s = CpuSeconds() - cpu_before;
  const uint64_t size = (*ledger)->State().signed_size;
  const uint64_t checkpoints = (*ledger)->State().checkpoints;
  ledger->reset();

  ledger::DirectorySource source(env, argv[1]);
  audit::VerifyOptions options;
  options.keys = {key->public_key()};
  begin_ns = env.MonotonicNs();
  const audit::VerifyReport report = audit::VerifyLog(source, options);
  const double verify_s = Seconds(env, begin_ns);
  if (failed || !report.findings.empty() || report.records != size) {
    fmt::print(stderr, "the ledger does not hold what was appended\n");
    return 1;
  }
  fmt::print(R"({{"appends_per_s":{:.0f},"verify_records_per_s":{:.0f},"records":{},"checkpoints":{},)"
             R"("append_cpu_us_per_record":{:.2f}}})"
             "\n",
             static_cast<double>(size) / append_s, static_cast<double>(size) / verify_s, size, checkpoints,
             append_cpu_s * 1e6 / static_cast<double>(size));
  return 0;
}
