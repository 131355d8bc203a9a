#include "server/health.h"

#include <algorithm>

#include "absl/time/time.h"
#include "fmt/format.h"
#include "server/app.h"
#include "server/tenant_id.h"

namespace taffrail::server {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

// Orchestrators ask every ten seconds or so: a dead disk should show within two of their questions.
constexpr int64_t kProbeEverySeconds = 15;

// A sync that takes so long makes every sender wait: lines pile up in their queues.
constexpr double kSlowWriteSeconds = 2.0;

Check CheckStore(const store::StoreInfo& info) {
  if (info.background_error.ok()) return {.name = "store", .ok = true, .detail = "flushes and merges go on"};
  return {.name = "store",
          .ok = false,
          .detail = fmt::format("flushes or merges have stopped: {}; run `taffrail doctor`",
                                std::string(info.background_error.message()))};
}

Check CheckDisk(const absl::StatusOr<base::DiskSpace>& space, uint64_t min_free_bytes) {
  if (!space.ok()) return {.name = "disk", .ok = false, .detail = std::string(space.status().message())};
  const std::string detail =
      fmt::format("{} MiB of {} MiB free", space->available_bytes >> 20, space->total_bytes >> 20);
  if (space->available_bytes > min_free_bytes) return {.name = "disk", .ok = true, .detail = detail};
  return {
      .name = "disk",
      .ok = false,
      .detail = fmt::format("{}: lines are refused below {} MiB; make room", detail, min_free_bytes >> 20)};
}

}  // namespace

bool HealthReport::ok() const {
  return std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.ok; });
}

Health::Health(const Options& options, base::Env& env, store::Store& store, const ingest::Counters& counters)
    : data_dir_(options.data_dir),
      min_free_bytes_(options.store.min_free_bytes),
      env_(env),
      store_(store),
      counters_(counters) {
  // The stores of all tenants are on one disk: it is looked at once.
  if (options.tenant.empty() || options.tenant == kFirstTenant)
    thread_ = std::thread([this] { ProbeLoop(); });
}

Health::~Health() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Health::ProbeLoop() {
  while (true) {
    const int64_t idle_ns = env_.NowNs() - counters_.Read().commit.last_success_ns;
    if (idle_ns >= kProbeEverySeconds * kSecondNs) {
      Probe probe = WriteProbe();
      const absl::MutexLock lock(&mutex_);
      if (!probe.status.ok()) probe.success_ns = probe_.success_ns;
      probe_ = std::move(probe);
    }
    const absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), absl::Seconds(kProbeEverySeconds))) return;
  }
}

Health::Probe Health::WriteProbe() {
  const int64_t begin_ns = env_.MonotonicNs();
  Probe probe;
  probe.status =
      base::WriteFileAtomically(env_, base::JoinPath(data_dir_, "health.probe"), "can be written\n");
  probe.seconds = static_cast<double>(env_.MonotonicNs() - begin_ns) / kSecondNs;
  probe.at_ns = env_.NowNs();
  probe.success_ns = probe.at_ns;
  return probe;
}

Check Health::CheckWrites(const Probe& probe, const ingest::CommitStats& commit) const {
  const auto failed = [](std::string detail) {
    return Check{.name = "writes", .ok = false, .detail = std::move(detail)};
  };
  if (commit.last_failure_ns > std::max(commit.last_success_ns, probe.success_ns)) {
    return failed(fmt::format("the last write failed: {}", commit.last_failure));
  }
  if (!probe.status.ok() && commit.last_success_ns < probe.at_ns) {
    return failed(fmt::format("the last write failed: {}", std::string(probe.status.message())));
  }
  const double seconds = commit.last_success_ns > probe.success_ns ? commit.last_seconds : probe.seconds;
  const std::string detail = fmt::format("the last write took {:.1f} ms", seconds * 1e3);
  if (seconds > kSlowWriteSeconds) return failed(detail + ": the disk is overloaded or failing");
  return {.name = "writes", .ok = true, .detail = detail};
}

HealthReport Health::Report() const {
  HealthReport report;
  const ingest::CommitStats commit = counters_.Read().commit;
  Probe probe;
  {
    const absl::MutexLock lock(&mutex_);
    probe = probe_;
  }
  const absl::StatusOr<base::DiskSpace> space = env_.Space(data_dir_);
  if (space.ok()) report.disk = *space;
  report.checks = {CheckStore(store_.Info()), CheckDisk(space, min_free_bytes_), CheckWrites(probe, commit)};
  report.write_seconds = commit.last_success_ns > probe.success_ns ? commit.last_seconds : probe.seconds;
  report.last_success_ns = std::max(commit.last_success_ns, probe.success_ns);
  return report;
}

}  // namespace taffrail::server
