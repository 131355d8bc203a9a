#include "ledger/subject_keys.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

#include "audit/hash.h"
#include "ledger/key_file.h"

namespace taffrail::ledger {
namespace {

constexpr size_t kCachedKeys = 10'000;  // a megabyte

// secure_delete writes zeros over what is deleted, and a journal that is truncated keeps no old page.
constexpr char kSchema[] =
    "PRAGMA secure_delete=ON; PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL;"
    "CREATE TABLE IF NOT EXISTS keys(id BLOB PRIMARY KEY, subject TEXT NOT NULL, key BLOB, created_s INTEGER "
    "NOT"
    " NULL, erased_s INTEGER, reason TEXT) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS keys_by_subject ON keys(subject);"
    "CREATE TABLE IF NOT EXISTS holds(subject TEXT PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID;";

absl::Status Failed(sqlite3* db) {
  return absl::UnavailableError(fmt::format("the store of subject keys: {}", sqlite3_errmsg(db)));
}

struct FreeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// Names are not kept: after an erasure the file does not even say whose key it was. 128 bits of a hash tell
// subjects apart; who knows a name can still ask for it.
std::string HashOf(std::string_view subject) {
  std::string text = "taffrail subject\n";
  text.append(subject);
  return audit::Hex(audit::AsBytes(audit::Sha256(text))).substr(0, 32);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SubjectKeys>> SubjectKeys::Open(base::Env& env, const std::string& path) {
  if (!env.Exists(path)) TAFFRAIL_RETURN_IF_ERROR(WritePrivateFile(env, path, ""));
  sqlite3* db = nullptr;
  const int opened = sqlite3_open_v2(
      path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  auto keys = std::unique_ptr<SubjectKeys>(new SubjectKeys(env, db));
  if (opened != SQLITE_OK) return absl::UnavailableError(fmt::format("{}: {}", path, sqlite3_errstr(opened)));
  sqlite3_busy_timeout(db, 10'000);
  if (sqlite3_exec(db, kSchema, nullptr, nullptr, nullptr) != SQLITE_OK) return Failed(db);
  return keys;
}

SubjectKeys::~SubjectKeys() { sqlite3_close(db_); }

absl::Status SubjectKeys::Run(const char* sql, const std::vector<std::string>& values,
                              const std::function<void(const std::vector<std::string>&)>& row) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(db_, sql, -1, &raw, nullptr) != SQLITE_OK) return Failed(db_);
  const std::unique_ptr<sqlite3_stmt, FreeStatement> statement(raw);
  for (size_t i = 0; i < values.size(); ++i) {
    sqlite3_bind_blob(raw, static_cast<int>(i) + 1, values[i].data(), static_cast<int>(values[i].size()),
                      SQLITE_TRANSIENT);
  }
  int step = SQLITE_ROW;
  while ((step = sqlite3_step(raw)) == SQLITE_ROW) {
    std::vector<std::string> columns;
    for (int i = 0; i < sqlite3_column_count(raw); ++i) {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(raw, i));
      columns.emplace_back(bytes == nullptr ? "" : bytes, static_cast<size_t>(sqlite3_column_bytes(raw, i)));
    }
    if (row) row(columns);
  }
  return step == SQLITE_DONE ? absl::OkStatus() : Failed(db_);
}

absl::Status SubjectKeys::CheckVersion() {
  std::string version;
  TAFFRAIL_RETURN_IF_ERROR(
      Run("PRAGMA data_version", {}, [&](const std::vector<std::string>& row) { version = row[0]; }));
  if (version != version_) cache_.clear();
  version_ = version;
  return absl::OkStatus();
}

absl::StatusOr<audit::SealKey> SubjectKeys::KeyOf(std::string_view subject) {
  absl::MutexLock lock(&mutex_);
  TAFFRAIL_RETURN_IF_ERROR(CheckVersion());
  if (const auto found = cache_.find(subject); found != cache_.end()) return found->second;
  audit::SealKey key;
  const std::string hash = HashOf(subject);
  TAFFRAIL_RETURN_IF_ERROR(
      Run("SELECT id, key FROM keys WHERE subject=CAST(? AS TEXT) AND key IS NOT NULL LIMIT 1", {hash},
          [&](const std::vector<std::string>& row) {
            key = {row[0], row[1]};
          }));
  if (key.key.empty()) {
    key = {std::string(audit::kSealKeyIdBytes, '\0'), std::string(audit::kSealKeyBytes, '\0')};
    env_.Random(key.id);
    env_.Random(key.key);
    const std::string now = fmt::format("{}", env_.NowNs() / 1'000'000'000);
    TAFFRAIL_RETURN_IF_ERROR(
        Run("INSERT INTO keys(id, subject, key, created_s) VALUES(?,CAST(? AS TEXT),?,CAST(? AS INTEGER))",
            {key.id, hash, key.key, now}));
  }
  if (cache_.size() >= kCachedKeys) cache_.clear();
  cache_.emplace(subject, key);
  return key;
}

absl::StatusOr<std::optional<audit::SealKey>> SubjectKeys::Find(std::string_view key_id) {
  absl::MutexLock lock(&mutex_);
  std::optional<audit::SealKey> key;
  TAFFRAIL_RETURN_IF_ERROR(Run("SELECT id, key FROM keys WHERE id=? AND key IS NOT NULL",
                               {std::string(key_id)}, [&](const std::vector<std::string>& row) {
                                 key = audit::SealKey{row[0], row[1]};
                               }));
  return key;
}

absl::StatusOr<SubjectState> SubjectKeys::StateLocked(std::string_view subject) {
  SubjectState state;
  const std::string hash = HashOf(subject);
  TAFFRAIL_RETURN_IF_ERROR(
      Run("SELECT id FROM keys WHERE subject=CAST(? AS TEXT)", {hash}, [&](const std::vector<std::string>&) {
        state.known = true;
        ++state.keys;
      }));
  TAFFRAIL_RETURN_IF_ERROR(Run("SELECT reason FROM holds WHERE subject IN (CAST(? AS TEXT), '')", {hash},
                               [&](const std::vector<std::string>& row) {
                                 state.held = true;
                                 state.hold_reason = row[0];
                               }));
  return state;
}

absl::StatusOr<SubjectState> SubjectKeys::State(std::string_view subject) {
  absl::MutexLock lock(&mutex_);
  return StateLocked(subject);
}

absl::StatusOr<std::vector<std::string>> SubjectKeys::Erase(std::string_view subject,
                                                            std::string_view reason) {
  absl::MutexLock lock(&mutex_);
  TAFFRAIL_ASSIGN_OR_RETURN(const SubjectState state, StateLocked(subject));
  if (state.held) {
    return absl::FailedPreconditionError(fmt::format(
        "a legal hold forbids it ({}); `taffrail audit hold --release` ends one", state.hold_reason));
  }
  if (!state.known) {
    return absl::NotFoundError(fmt::format("no audit record is sealed for \"{}\"", subject));
  }
  std::vector<std::string> ids;
  TAFFRAIL_RETURN_IF_ERROR(Run("SELECT id FROM keys WHERE subject=CAST(? AS TEXT)", {HashOf(subject)},
                               [&](const std::vector<std::string>& row) { ids.push_back(row[0]); }));
  const std::string now = fmt::format("{}", env_.NowNs() / 1'000'000'000);
  TAFFRAIL_RETURN_IF_ERROR(
      Run("UPDATE keys SET key=NULL, subject='', erased_s=CAST(? AS INTEGER), reason=CAST(? AS TEXT)"
          " WHERE subject=CAST(? AS TEXT)",
          {now, std::string(reason), HashOf(subject)}));
  cache_.clear();
  TAFFRAIL_RETURN_IF_ERROR(Run("VACUUM", {}));  // and no free page with it
  return ids;
}

absl::Status SubjectKeys::Hold(std::string_view subject, std::string_view reason) {
  absl::MutexLock lock(&mutex_);
  return Run("INSERT OR REPLACE INTO holds(subject, reason) VALUES(CAST(? AS TEXT), CAST(? AS TEXT))",
             {subject.empty() ? "" : HashOf(subject), std::string(reason)});
}

absl::Status SubjectKeys::Release(std::string_view subject) {
  absl::MutexLock lock(&mutex_);
  return Run("DELETE FROM holds WHERE subject=CAST(? AS TEXT)", {subject.empty() ? "" : HashOf(subject)});
}

absl::StatusOr<std::optional<std::string>> SubjectKeys::AnyHold() {
  absl::MutexLock lock(&mutex_);
  std::optional<std::string> reason;
  TAFFRAIL_RETURN_IF_ERROR(Run("SELECT reason FROM holds LIMIT 1", {},
                               [&](const std::vector<std::string>& row) { reason = row[0]; }));
  return reason;
}

}  // namespace taffrail::ledger
