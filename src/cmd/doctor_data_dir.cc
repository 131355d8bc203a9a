#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/doctor_checks.h"
#include "cmd/human.h"
#include "store/store.h"

namespace taffrail::cmd {
namespace {

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

// A file written, synced and removed again: the one question that permissions, read-only mounts and quotas
// all answer.
Finding CheckWriting(base::Env& env, const std::string& dir) {
  const std::string path = base::JoinPath(dir, fmt::format(".doctor-{}", getpid()));
  const int64_t start_ns = env.MonotonicNs();
  const auto write = [&]() -> absl::Status {
    TAFFRAIL_ASSIGN_OR_RETURN(const auto file, env.Create(path));
    TAFFRAIL_RETURN_IF_ERROR(file->Append(std::string(4096, 'x')));  // a page: the least a disk writes
    return file->Sync();
  };
  const absl::Status status = write();
  const int64_t elapsed_ns = env.MonotonicNs() - start_ns;
  (void)env.Remove(path);
  if (!status.ok()) {
    return {Health::kBad, "writing", MessageOf(status),
            fmt::format("make {} writable for the user that runs the server: `chown -R USER {}`", dir, dir)};
  }
  Finding finding{Health::kGood, "writing",
                  fmt::format("4 KB written and synced in {}", HumanDuration(elapsed_ns)), ""};
  constexpr int64_t kSlowNs = 100'000'000;  // senders wait for it: at 100 ms a sync, ten commits a second
  if (elapsed_ns > kSlowNs) {
    finding.health = Health::kWarning;
    finding.mend = "every acknowledgement waits for a sync: use a local SSD rather than network storage";
  }
  return finding;
}

Finding CheckPermissions(const std::string& dir) {
  struct stat info {};
  if (stat(dir.c_str(), &info) != 0) return {Health::kWarning, "permissions", "cannot be read", ""};
  Finding finding{Health::kGood, "permissions", fmt::format("{:04o}", info.st_mode & 07777), ""};
  if ((info.st_mode & S_IRWXO) != 0) {
    finding.health = Health::kWarning;
    finding.found += ": everyone on this machine may look at the logs";
    finding.mend = fmt::format("`chmod 0750 {}`", dir);
  }
  return finding;
}

Finding CheckSpace(base::Env& env, const std::string& dir) {
  const auto space = env.Space(dir);
  if (!space.ok()) return {Health::kWarning, "disk space", MessageOf(space.status()), ""};
  Finding finding{
      Health::kGood, "disk space",
      fmt::format("{} free of {}", HumanBytes(space->available_bytes), HumanBytes(space->total_bytes)), ""};
  const uint64_t needed = store::StoreOptions{}.min_free_bytes;
  const char* const mend = "free space on this disk, or move the store to a larger one";
  if (space->available_bytes < needed) {
    finding.health = Health::kBad;
    finding.found += "; the server refuses lines (507) so that it loses none";
    finding.mend = mend;
  } else if (space->available_bytes < space->total_bytes / 10) {
    finding.health = Health::kWarning;
    finding.mend = mend;
  }
  return finding;
}

Finding CheckStore(base::Env& env, const std::string& dir) {
  store::StoreOptions options;
  options.dir = dir;
  options.env = &env;
  options.read_only = true;
  const auto store = store::Store::Open(options);
  if (!store.ok()) {
    return {Health::kBad, "store", MessageOf(store.status()),
            fmt::format("stop the server, then `taffrail store verify {0}` and `taffrail store repair {0}`",
                        dir)};
  }
  const store::StoreInfo info = (*store)->Info();
  return {Health::kGood, "store",
          fmt::format("{} lines in {} parts, {}", HumanCount(info.rows), info.parts.size(),
                      HumanBytes(info.disk_bytes)),
          ""};
}

Finding CheckBlocks(base::Env& env, const std::string& dir) {
  const auto report = store::Store::Verify(env, dir, nullptr);
  if (!report.ok()) return {Health::kBad, "blocks", MessageOf(report.status()), ""};
  if (report->damage.empty()) {
    return {Health::kGood, "blocks", fmt::format("{} checked, all good", HumanCount(report->blocks)), ""};
  }
  return {Health::kBad, "blocks",
          fmt::format("{} damaged, the first: {}", report->damage.size(), report->damage.front()),
          fmt::format("stop the server, copy {0} away if you can, then `taffrail store repair {0}`", dir)};
}

}  // namespace

std::vector<Finding> CheckDataDir(base::Env& env, const std::string& dir, bool deep) {
  if (!env.Exists(dir)) {
    return {
        {Health::kBad, "data directory", dir + " does not exist",
         fmt::format("`taffrail serve --data {}` creates it, or give the one that the server uses", dir)}};
  }
  std::vector<Finding> findings = {{Health::kGood, "data directory", dir, ""}};
  findings.push_back(CheckWriting(env, dir));
  findings.push_back(CheckPermissions(dir));
  findings.push_back(CheckSpace(env, dir));
  findings.push_back(CheckStore(env, dir));
  if (deep) findings.push_back(CheckBlocks(env, dir));
  return findings;
}

}  // namespace taffrail::cmd
