#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/timex.h>

#include "base/memory_limit.h"
#include "base/time_text.h"
#include "cmd/doctor_checks.h"
#include "cmd/human.h"

namespace taffrail::cmd {
namespace {

// Connections (512), the files of parts and the write-ahead log, and room for the rest of the process.
constexpr uint64_t kOpenFilesNeeded = 1024;
// The server's caches, memtables and a query's budget at their defaults.
constexpr uint64_t kMemoryNeeded = uint64_t{512} << 20;

Finding CheckOpenFiles() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return {Health::kWarning, "open files", "the limit cannot be read", ""};
  Finding finding{Health::kGood, "open files", fmt::format("{} allowed", limit.rlim_cur), ""};
  if (limit.rlim_cur == RLIM_INFINITY) finding.found = "no limit";
  if (limit.rlim_cur >= kOpenFilesNeeded) return finding;
  finding.health = Health::kBad;
  finding.mend =
      fmt::format("allow {} or more: `ulimit -n 65536` before starting, or LimitNOFILE=65536 in the unit",
                  kOpenFilesNeeded);
  return finding;
}

Finding CheckMemory() {
  const uint64_t total_bytes = base::UsableMemoryBytes();
  Finding finding{Health::kGood, "memory", fmt::format("{} for this process", HumanBytes(total_bytes)), ""};
  if (total_bytes >= kMemoryNeeded) return finding;
  finding.health = Health::kWarning;
  finding.mend =
      fmt::format("give it {}, or lower store.memtable_mb in taffrail.yaml", HumanBytes(kMemoryNeeded));
  return finding;
}

// A clock that nobody sets drifts by seconds a day, and lines of different machines then lie in the wrong
// order.
Finding CheckClock(base::Env& env) {
  const std::string now = base::FormatRfc3339(env.NowNs(), 0);
  Finding finding{Health::kGood, "clock", now, ""};
  timex state{};
  const int result = adjtimex(&state);  // only reads: no mode is set
  if (result < 0) return finding;       // not allowed in this container: nothing is known
  if (result == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
    finding.health = Health::kWarning;
    finding.found = now + ", not synchronized";
    finding.mend = "start a time service: `timedatectl set-ntp true`, or chrony";
  }
  return finding;
}

}  // namespace

std::vector<Finding> CheckMachine(base::Env& env) {
  return {CheckOpenFiles(), CheckMemory(), CheckClock(env)};
}

}  // namespace taffrail::cmd
