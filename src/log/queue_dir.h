// Config::queue_dir: a directory with an entry for each process, in which its queue lives as files
// (docs/format/queue.md). While the process lives it holds a lock on the entry; whoever gets that lock may
// recover what is in it (recovery.h).
//
//   <dir>/<pid>-<random>/   lock  names  journal  queue-N  slots-N
//
// An entry gets its name when it is complete, and loses it before it is taken apart: names that begin with a
// dot are of no interest to anybody but the broom.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "context/frame.h"
#include "log/queue_arena.h"
#include "log/queue_file.h"
#include "log/queue_journal.h"
#include "log/queue_names.h"
#include "log/queues.h"

namespace taffrail::log {

// The entry of this process. Thread-safe, except for the journal, which belongs to the backend.
class QueueDir {
 public:
  static absl::StatusOr<std::unique_ptr<QueueDir>> Create(const std::string& dir);

  // The process's own; null: the queue is in memory alone. What has been own is never freed.
  static QueueDir* Own() { return own_.load(std::memory_order_acquire); }
  // From now on call sites, loggers and frames are noted here, and queues made here.
  static void MakeOwn(std::unique_ptr<QueueDir> dir);

  const std::string& name() const { return name_; }
  // What the lines say of the process, and where they go.
  void Describe(const ProcessNames& process, const std::vector<SinkNames>& sinks);

  // Null: no room on the disk, told once.
  detail::ThreadQueue* CreateQueue(uint64_t capacity);
  static bool IsOurs(const detail::ThreadQueue& queue) { return queue.file_number != 0; }
  void DestroyQueue(detail::ThreadQueue* queue);  // one of ours

  // A large record: it goes from malloc's memory to here when there is room. What is given back may be
  // overwritten only after the piece with the line has been sealed: at ReleaseLarge.
  char* KeepLarge(std::string_view record);
  bool GiveBackLarge(char* record);  // false: it is none of ours
  void ReleaseLarge();

  Journal& journal() { return journal_; }

  // The process ends and everything is written.
  void Remove();

  // fork.cc: around a fork, and in the child, which leaves the entry to its parent.
  void LockAll();
  void UnlockAll(bool in_child);
  std::vector<uint64_t> LeaveToParent();

 private:
  QueueDir(std::string path, sink::Fd lock, NamesWriter names, Journal journal);
  void Note(const detail::CallSite& site, const char* message);
  void Note(const detail::LoggerNode& logger);
  void Tell(const absl::Status& status);

  static std::atomic<QueueDir*> own_;

  std::string path_;
  std::string name_;
  sink::Fd lock_;
  Journal journal_;
  QueueArena arena_;

  absl::Mutex mutex_;
  NamesWriter names_ ABSL_GUARDED_BY(mutex_);
  std::map<const detail::ThreadQueue*, MappedFile> queues_ ABSL_GUARDED_BY(mutex_);
  std::vector<char*> large_given_back_ ABSL_GUARDED_BY(mutex_);
  std::set<const char*> large_ ABSL_GUARDED_BY(mutex_);  // those under way
  uint32_t last_number_ ABSL_GUARDED_BY(mutex_) = 0;
  std::atomic<bool> told_{false};
};

// Gives the entry another name and takes it apart.
void RemoveEntry(const std::string& path);
// Paths of the entries of a queue directory, dead or alive, in the order of their names. Takes apart what
// processes that were killed at that have left.
absl::StatusOr<std::vector<std::string>> ListEntries(const std::string& dir);

}  // namespace taffrail::log
