// A key for each person whose data audit records hold, in a database of its own (SQLite): what an erasure
// destroys. docs/audit.md says what that is worth: copies of the file must be destroyed with it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "audit/seal.h"
#include "base/env.h"
#include "base/status.h"

struct sqlite3;

namespace taffrail::ledger {

struct SubjectState {
  bool known = false;
  bool held = false;
  std::string hold_reason;
  uint64_t keys = 0;  // that open something
};

// Thread-safe, and safe beside other processes that have the file open.
class SubjectKeys {
 public:
  // Opens or creates the file, mode 0600.
  static absl::StatusOr<std::unique_ptr<SubjectKeys>> Open(base::Env& env, const std::string& path);
  ~SubjectKeys();
  SubjectKeys(const SubjectKeys&) = delete;
  SubjectKeys& operator=(const SubjectKeys&) = delete;

  // The subject's key, made when there is none: durable when it returns.
  absl::StatusOr<audit::SealKey> KeyOf(std::string_view subject);
  // The key of this id; nothing when it was destroyed or never was.
  absl::StatusOr<std::optional<audit::SealKey>> Find(std::string_view key_id);

  // Destroys the subject's keys; the ids they had. Nothing left says whose they were. FailedPrecondition: a
  // legal hold. NotFound: nobody of that name, or erased already.
  absl::StatusOr<std::vector<std::string>> Erase(std::string_view subject, std::string_view reason);
  // An empty subject holds everyone.
  [[nodiscard]] absl::Status Hold(std::string_view subject, std::string_view reason);
  [[nodiscard]] absl::Status Release(std::string_view subject);
  absl::StatusOr<SubjectState> State(std::string_view subject);
  // Whether anything at all is held: then nothing is pruned either. The reason, or nothing.
  absl::StatusOr<std::optional<std::string>> AnyHold();

 private:
  SubjectKeys(base::Env& env, sqlite3* db) : env_(env), db_(db) {}
  absl::Status Run(const char* sql, const std::vector<std::string>& values,
                   const std::function<void(const std::vector<std::string>&)>& row = nullptr)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<SubjectState> StateLocked(std::string_view subject) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Forgets cached keys when another process has changed the file.
  absl::Status CheckVersion() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  base::Env& env_;
  absl::Mutex mutex_;
  sqlite3* const db_ ABSL_PT_GUARDED_BY(mutex_);
  std::map<std::string, audit::SealKey, std::less<>> cache_ ABSL_GUARDED_BY(mutex_);
  std::string version_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace taffrail::ledger
