#include "log/queue_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "base/env.h"
#include "log/call_sites.h"
#include "log/core.h"
#include "log/fork.h"
#include "log/registry.h"

namespace taffrail::log {
namespace {

// A hidden entry of this age belongs to a process that was killed while it made the entry or took it apart.
constexpr int64_t kHiddenAgeS = 60;

std::vector<std::string> NamesIn(const std::string& dir) {
  std::vector<std::string> names;
  DIR* const stream = opendir(dir.c_str());
  if (stream == nullptr) return names;
  while (const dirent* entry = readdir(stream)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  closedir(stream);
  std::ranges::sort(names);
  return names;
}

void TakeApart(const std::string& path) {
  for (const std::string& name : NamesIn(path)) unlink(base::JoinPath(path, name).c_str());
  rmdir(path.c_str());
}

std::string HiddenName(const std::string& path) {
  return base::JoinPath(base::Dirname(path), "." + path.substr(path.rfind('/') + 1));
}

// "<pid>-<16 digits>": nothing else in the directory is touched.
bool IsEntryName(std::string_view name) {
  constexpr size_t kDigits = 16;
  const size_t dash = name.find('-');
  return dash != std::string_view::npos && dash > 0 && name.size() == dash + 1 + kDigits &&
         name.substr(0, dash).find_first_not_of("0123456789") == std::string_view::npos &&
         name.substr(dash + 1).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

context::FrameKeeper frame_keeper;

}  // namespace

std::atomic<QueueDir*> QueueDir::own_{nullptr};

QueueDir::QueueDir(std::string path, sink::Fd lock, NamesWriter names, Journal journal)
    : path_(std::move(path)),
      name_(path_.substr(path_.rfind('/') + 1)),
      lock_(std::move(lock)),
      journal_(std::move(journal)),
      arena_(path_),
      names_(std::move(names)) {}

absl::StatusOr<std::unique_ptr<QueueDir>> QueueDir::Create(const std::string& dir) {
  base::Env& env = base::Env::Posix();
  TAFFRAIL_RETURN_IF_ERROR(env.CreateDirs(dir));
  uint64_t random = 0;
  env.Random({reinterpret_cast<char*>(&random), sizeof(random)});
  const std::string path = base::JoinPath(dir, fmt::format("{}-{:016x}", getpid(), random));
  const std::string hidden = HiddenName(path);
  if (mkdir(hidden.c_str(), 0700) != 0) return absl::ErrnoToStatus(errno, "mkdir " + hidden);
  const auto fail = [&hidden](const absl::Status& status) {
    TakeApart(hidden);
    return status;
  };
  const std::string lock_path = base::JoinPath(hidden, "lock");
  sink::Fd lock(open(lock_path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!lock.valid() || flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(absl::ErrnoToStatus(errno, "lock " + lock_path));
  auto names = NamesWriter::Create(base::JoinPath(hidden, "names"));
  if (!names.ok()) return fail(names.status());
  auto journal = Journal::Create(base::JoinPath(hidden, "journal"));
  if (!journal.ok()) return fail(journal.status());
  if (rename(hidden.c_str(), path.c_str()) != 0) return fail(absl::ErrnoToStatus(errno, "rename " + hidden));
  return std::unique_ptr<QueueDir>(
      new QueueDir(path, std::move(lock), *std::move(names), *std::move(journal)));
}

void QueueDir::MakeOwn(std::unique_ptr<QueueDir> dir) {
  own_.store(dir.release(), std::memory_order_release);
  SetSiteListener([](const detail::CallSite& site, const char* message) { Own()->Note(site, message); });
  Core::Get().registry().SetListener([](const detail::LoggerNode& logger) { Own()->Note(logger); });
  frame_keeper = {.keep =
                      [](const detail::Frame& frame) {
                        return Own()->arena_.Keep(reinterpret_cast<uintptr_t>(&frame), frame.fields);
                      },
                  .drop = [](char* kept) { Own()->arena_.Drop(kept); }};
  context::SetFrameKeeper(&frame_keeper);
}

void QueueDir::Describe(const ProcessNames& process, const std::vector<SinkNames>& sinks) {
  absl::MutexLock lock(&mutex_);
  Tell(names_.Add(process, sinks));
}

void QueueDir::Note(const detail::CallSite& site, const char* message) {
  absl::MutexLock lock(&mutex_);
  Tell(names_.Add(site, message));
}

void QueueDir::Note(const detail::LoggerNode& logger) {
  absl::MutexLock lock(&mutex_);
  Tell(names_.Add(logger));
}

void QueueDir::Tell(const absl::Status& status) {
  if (status.ok() || told_.exchange(true)) return;
  std::fprintf(stderr, "taffrail: the log's queue is not in %s any more, a crash would lose it: %s\n",
               path_.c_str(), std::string(status.message()).c_str());
}

detail::ThreadQueue* QueueDir::CreateQueue(uint64_t capacity) {
  static_assert(sizeof(RingFileHead) <= 256);
  constexpr size_t kQueueAt = 256;
  static_assert(kQueueAt + sizeof(detail::ThreadQueue) <= kQueueHeadBytes);
  absl::MutexLock lock(&mutex_);
  const uint32_t number = ++last_number_;
  auto file =
      MappedFile::Create(base::JoinPath(path_, fmt::format("queue-{}", number)), kQueueHeadBytes + capacity);
  if (!file.ok()) {
    Tell(file.status());
    return nullptr;
  }
  auto* queue = new (file->data() + kQueueAt) detail::ThreadQueue;
  queue->capacity = capacity;
  queue->data = file->data() + kQueueHeadBytes;
  queue->at = queue->end = queue->data;
  queue->thread_id = static_cast<uint32_t>(gettid());
  pthread_getname_np(pthread_self(), queue->thread_name, sizeof(queue->thread_name));
  queue->file_number = number;
  const auto at_of = [&file](const void* place) {
    return static_cast<uint32_t>(static_cast<const char*>(place) - file->data());
  };
  RingFileHead head{.format = kQueueFormat,
                    .number = number,
                    .capacity = capacity,
                    .thread_id = queue->thread_id,
                    .tail_at = at_of(&queue->tail),
                    .head_at = at_of(&queue->head)};
  std::memcpy(head.thread_name, queue->thread_name, sizeof(head.thread_name));
  std::memcpy(head.magic, RingFileHead::kMagic, sizeof(head.magic));
  std::memcpy(file->data(), &head, sizeof(head));
  queues_.emplace(queue, *std::move(file));
  return queue;
}

void QueueDir::DestroyQueue(detail::ThreadQueue* queue) {
  const std::string path = base::JoinPath(path_, fmt::format("queue-{}", queue->file_number));
  absl::MutexLock lock(&mutex_);
  unlink(path.c_str());
  queues_.erase(queue);
}

char* QueueDir::KeepLarge(std::string_view record) {
  char* const kept = arena_.Keep(QueueArena::kOwnAddress, record);
  if (kept == nullptr) return nullptr;
  absl::MutexLock lock(&mutex_);
  large_.insert(kept);
  return kept;
}

bool QueueDir::GiveBackLarge(char* record) {
  absl::MutexLock lock(&mutex_);
  if (large_.erase(record) == 0) return false;
  large_given_back_.push_back(record);
  return true;
}

void QueueDir::ReleaseLarge() {
  std::vector<char*> records;
  {
    absl::MutexLock lock(&mutex_);
    records.swap(large_given_back_);
  }
  for (char* record : records) arena_.Drop(record);
}

void QueueDir::Remove() { RemoveEntry(path_); }

void QueueDir::LockAll() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  mutex_.Lock();
  arena_.mutex().Lock();
}

void QueueDir::UnlockAll(bool in_child) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (in_child) {
    RenewMutex(arena_.mutex());
    RenewMutex(mutex_);
  } else {
    arena_.mutex().Unlock();
    mutex_.Unlock();
  }
}

std::vector<uint64_t> QueueDir::LeaveToParent() {
  lock_.Close();  // else the child would hold it on after the parent's death
  SetSiteListener(nullptr);
  Core::Get().registry().SetListener(nullptr);
  own_.store(nullptr, std::memory_order_release);
  return arena_.Addresses();
}

void RemoveEntry(const std::string& path) {
  const std::string hidden = HiddenName(path);
  if (rename(path.c_str(), hidden.c_str()) == 0) TakeApart(hidden);
}

absl::StatusOr<std::vector<std::string>> ListEntries(const std::string& dir) {
  struct stat info {};
  if (stat(dir.c_str(), &info) != 0) return absl::ErrnoToStatus(errno, dir);
  if (!S_ISDIR(info.st_mode)) return absl::InvalidArgumentError(dir + " is no directory");
  if (access(dir.c_str(), R_OK | X_OK) != 0) return absl::ErrnoToStatus(errno, dir);
  std::vector<std::string> entries;
  for (const std::string& name : NamesIn(dir)) {
    std::string path = base::JoinPath(dir, name);
    if (lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) continue;
    if (!name.starts_with('.')) {
      if (IsEntryName(name)) entries.push_back(std::move(path));
    } else if (std::time(nullptr) - info.st_mtim.tv_sec > kHiddenAgeS) {
      if (IsEntryName(name.substr(1))) TakeApart(path);
    }
  }
  return entries;
}

}  // namespace taffrail::log
