#include "sink/janitor.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/env.h"
#include "base/own_thread.h"
#include "sink/compress_file.h"
#include "sink/fd.h"
#include "sink/rename_new.h"
#include "sink/rotation.h"

namespace taffrail::sink {
namespace {

// Another process notices within FileOptions::check_ms, and at its next line, that a file was rotated.
constexpr auto kAgain = absl::Seconds(1);
constexpr int kTries = 30;  // an idle process may never notice; the next rotation asks again

// The file, when nobody holds a lock on it; then we do.
Fd OpenAlone(const std::string& path) {
  Fd fd(Retry([&] { return open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW); }));
  if (!fd.valid()) return fd;
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return Fd();
  // Between opening and locking, another process may have compressed and removed it.
  struct stat info {};
  return fstat(fd.get(), &info) == 0 && info.st_nlink > 0 ? std::move(fd) : Fd();
}

bool SameBytes(const std::string& one, const std::string& other) {
  std::ifstream a(one, std::ios::binary), b(other, std::ios::binary);
  using Bytes = std::istreambuf_iterator<char>;
  return a && b && std::equal(Bytes(a), Bytes(), Bytes(b), Bytes());
}

class Round {
 public:
  Round(const std::string& path, const FileOptions& options, int64_t now_ns)
      : names_(path, options.local_time), options_(options), now_ns_(now_ns) {}

  absl::StatusOr<bool> Run() {
    TAFFRAIL_ASSIGN_OR_RETURN(const auto names, env_.List(names_.dir()));
    RemoveUnfinished(names);
    TAFFRAIL_RETURN_IF_ERROR(Compress(names));
    TAFFRAIL_RETURN_IF_ERROR(RemoveOldest());
    return all_free_;
  }

 private:
  std::string Path(const std::string& name) const { return base::JoinPath(names_.dir(), name); }

  void RemoveUnfinished(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const auto source = names_.ParseUnfinished(name);
      if (!source) continue;
      // When its source is locked, another process is compressing it just now.
      const Fd alone = OpenAlone(Path(*source));
      if (alone.valid() || !env_.Exists(Path(*source))) env_.Remove(Path(name)).IgnoreError();
    }
  }

  absl::Status Compress(const std::vector<std::string>& names) {
    if (options_.compression == FileCompression::kNone) return absl::OkStatus();
    for (const std::string& name : names) {
      const auto old = names_.Parse(name);
      if (!old || old->compressed) continue;
      const std::string path = Path(name);
      const Fd source = OpenAlone(path);
      if (!source.valid()) {
        all_free_ &= !env_.Exists(path);
        continue;
      }
      const std::string unfinished =
          path + std::string(Suffix(options_.compression)) + std::string(kUnfinished);
      absl::Status status = CompressFile(source.get(), unfinished, options_.compression);
      if (status.ok()) status = Publish(unfinished, *old);
      if (!status.ok()) {
        env_.Remove(unfinished).IgnoreError();
        return status;
      }
      TAFFRAIL_RETURN_IF_ERROR(env_.SyncDir(names_.dir()));
      TAFFRAIL_RETURN_IF_ERROR(env_.Remove(path));
    }
    return absl::OkStatus();
  }

  // Gives the compressed file its name. The one it should have may be there already: with the same bytes,
  // when somebody died before he removed their source; with others, when a rotation took the name of a file
  // that was just being removed for its compressed form. Then it gets one that is free.
  absl::Status Publish(const std::string& unfinished, const OldNames::Old& old) {
    const std::string suffix(Suffix(options_.compression));
    const std::string to = Path(old.name + suffix);
    absl::Status status = RenameNew(unfinished, to);
    if (absl::IsAlreadyExists(status) && SameBytes(unfinished, to)) return env_.Rename(unfinished, to);
    constexpr int64_t kStepNs = 1'000'000;  // a name tells milliseconds
    constexpr int kAttempts = 1'000;        // as many as a rotation makes
    for (int later = 1; absl::IsAlreadyExists(status) && later <= kAttempts; ++later)
      status = RenameNew(unfinished, Path(names_.Name(old.closed_ns + later * kStepNs) + suffix));
    return status;
  }

  absl::Status RemoveOldest() {
    if (options_.keep_files == 0 && options_.keep_hours == 0 && options_.keep_bytes == 0)
      return absl::OkStatus();
    TAFFRAIL_ASSIGN_OR_RETURN(const auto names, env_.List(names_.dir()));
    std::vector<OldNames::Old> files;
    for (const std::string& name : names) {
      if (auto old = names_.Parse(name)) files.push_back(*std::move(old));
    }
    std::ranges::sort(files, [](const auto& a, const auto& b) {
      return std::pair(a.closed_ns, a.name) > std::pair(b.closed_ns, b.name);
    });
    size_t kept = 0;
    uint64_t kept_bytes = 0;
    bool full = false;  // once one is too old or too many, so are all before it
    for (const OldNames::Old& file : files) {
      const auto size = env_.FileSize(Path(file.name));
      if (!size.ok()) continue;  // another process removed it
      constexpr int64_t kNsPerHour = 3'600'000'000'000;
      full |= options_.keep_files != 0 && kept == options_.keep_files;
      full |= options_.keep_hours != 0 && (now_ns_ - file.closed_ns) / kNsPerHour >= options_.keep_hours;
      full |= options_.keep_bytes != 0 && kept_bytes + *size > options_.keep_bytes;
      if (!full) {
        ++kept;
        kept_bytes += *size;
        continue;
      }
      const Fd alone = OpenAlone(Path(file.name));
      if (alone.valid()) {
        TAFFRAIL_RETURN_IF_ERROR(env_.Remove(Path(file.name)));
      } else {
        all_free_ &= !env_.Exists(Path(file.name));
      }
    }
    return absl::OkStatus();
  }

  base::Env& env_ = base::Env::Posix();
  const OldNames names_;
  const FileOptions& options_;
  const int64_t now_ns_;
  bool all_free_ = true;
};

}  // namespace

absl::StatusOr<bool> TidyUp(const std::string& path, const FileOptions& options, int64_t now_ns) {
  return Round(path, options, now_ns).Run();
}

Janitor& Janitor::Get() {
  // Never destroyed: the thread lives as long as the process. A fork inherits no threads, and perhaps a
  // locked mutex, so it begins anew.
  struct Owned {
    pid_t process;
    Janitor janitor;
  };
  static std::atomic<Owned*> owned{nullptr};
  Owned* current = owned.load(std::memory_order_acquire);
  while (current == nullptr || current->process != getpid()) {
    auto* fresh = new Owned{getpid(), {}};
    if (owned.compare_exchange_strong(current, fresh)) return fresh->janitor;
    delete fresh;
  }
  return current->janitor;
}

void Janitor::Ask(const std::string& path, const FileOptions& options) {
  absl::MutexLock lock(&mutex_);
  std::erase_if(tasks_, [&](const Task& task) { return task.path == path; });
  tasks_.push_back({.path = path, .options = options, .tries = 0, .due = absl::InfinitePast()});
  changed_.SignalAll();
  if (std::exchange(started_, true)) return;
  base::StartOwnThread([this] { Run(); }).detach();
}

bool Janitor::HasDueTask() const {
  return std::ranges::any_of(tasks_, [](const Task& task) { return task.due == absl::InfinitePast(); });
}

bool Janitor::WaitUntilIdle(absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  absl::MutexLock lock(&mutex_);
  while (busy_ || HasDueTask()) {
    if (changed_.WaitWithDeadline(&mutex_, deadline)) return !busy_ && !HasDueTask();
  }
  return true;
}

void Janitor::Run() {
  pthread_setname_np(pthread_self(), "taffrail-files");
  constexpr int kNice = 10;  // on Linux a matter of the thread, not of the process
  setpriority(PRIO_PROCESS, 0, kNice);
  while (true) {
    Task task;
    {
      absl::MutexLock lock(&mutex_);
      busy_ = false;
      changed_.SignalAll();
      while (true) {
        const auto next = std::ranges::min_element(tasks_, {}, &Task::due);
        if (next != tasks_.end() && next->due <= absl::Now()) {
          task = std::move(*next);
          tasks_.erase(next);
          break;
        }
        changed_.WaitWithDeadline(&mutex_, next == tasks_.end() ? absl::InfiniteFuture() : next->due);
      }
      busy_ = true;
    }
    Do(std::move(task));
  }
}

void Janitor::Do(Task task) {
  const auto all_free = TidyUp(task.path, task.options, base::Env::Posix().NowNs());
  if (!all_free.ok()) {
    std::fprintf(stderr, "taffrail: cannot tidy up beside the log file %s: %s\n", task.path.c_str(),
                 std::string(all_free.status().message()).c_str());
    return;  // the next rotation asks again
  }
  if (*all_free || ++task.tries == kTries) return;
  absl::MutexLock lock(&mutex_);
  const bool asked_again =
      std::ranges::any_of(tasks_, [&](const Task& other) { return other.path == task.path; });
  if (asked_again) return;
  task.due = absl::Now() + kAgain;
  tasks_.push_back(std::move(task));
}

}  // namespace taffrail::sink
