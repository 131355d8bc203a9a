#include "cmd/redact_rewrite.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "cmd/printable.h"
#include "ingest/redaction.h"
#include "record/batch_builder.h"
#include "record/row_cursor.h"
#include "store/store.h"

namespace taffrail::cmd {
namespace {

// What of a data directory is the store's own; docs/format/manifest.md.
bool IsOfStore(std::string_view name) {
  constexpr std::array<std::string_view, 5> kBegins = {"MANIFEST", "LOCK", "wal-", "part-", "quarantine"};
  return std::ranges::any_of(kBegins, [&](std::string_view begin) { return name.starts_with(begin); });
}

// A directory and what is in it. What List cannot read is a file.
absl::Status RemoveTree(base::Env& env, const std::string& path) {
  const auto names = env.List(path);
  if (!names.ok()) return env.Remove(path);
  for (const std::string& name : *names)
    TAFFRAIL_RETURN_IF_ERROR(RemoveTree(env, base::JoinPath(path, name)));
  return env.RemoveDir(path);
}

// Takes records in order and appends them, masked, to the new store.
class Rewriter {
 public:
  Rewriter(store::Store& to, std::shared_ptr<const redact::Policy> policy)
      : to_(to), redaction_(ingest::RedactionMode::kMask, std::move(policy)) {}

  absl::Status Take(const record::RecordBatch& batch, const expr::Selection& rows) {
    record::RowCursor cursor(batch);
    for (const uint32_t row : rows) {
      cursor.MoveTo(row);
      line_.clear();
      attributes_.clear();
      cursor.AppendLine(line_);
      cursor.AppendAttributes(attributes_);
      if (builder_.Full()) TAFFRAIL_RETURN_IF_ERROR(Finish());
      builder_.SetStream(batch.streams.empty() ? record::Labels()
                                               : batch.streams[batch.stream_of(row)].labels);
      builder_.Append(line_, batch.timestamp_ns[row], attributes_);
    }
    return absl::OkStatus();
  }
  absl::Status Finish() {
    if (builder_.rows() == 0) return absl::OkStatus();
    for (record::RecordBatch& batch : redaction_.Look(builder_.Finish()))
      TAFFRAIL_RETURN_IF_ERROR(to_.Append(std::move(batch)));
    return absl::OkStatus();
  }
  ingest::RedactionCounts counts() const { return redaction_.Read(); }

 private:
  store::Store& to_;
  ingest::Redaction redaction_;
  record::BatchBuilder builder_;
  std::string line_;
  std::string attributes_;
};

absl::StatusOr<RewriteReport> Copy(store::Store& from, store::Store& to,
                                   std::shared_ptr<const redact::Policy> policy,
                                   const std::function<void(uint64_t, uint64_t)>& progress) {
  RewriteReport report;
  const uint64_t total = from.Info().rows;
  Rewriter rewriter(to, std::move(policy));
  absl::Status status;
  store::ScanRequest request;
  request.columns.line = true;
  request.order = store::Order::kAscending;  // so that records of one time stay in the order they came in
  const auto take = [&](const record::RecordBatch& batch, const expr::Selection& rows) {
    status = rewriter.Take(batch, rows);
    report.rows += rows.size();
    progress(report.rows, total);
    return status.ok();
  };
  TAFFRAIL_RETURN_IF_ERROR(from.Scan(request, take, nullptr));
  TAFFRAIL_RETURN_IF_ERROR(status);
  TAFFRAIL_RETURN_IF_ERROR(rewriter.Finish());
  TAFFRAIL_RETURN_IF_ERROR(to.Flush());
  report.masked = rewriter.counts().masked;
  if (const uint64_t now = to.Info().rows; now != report.rows || report.rows != total)
    return absl::InternalError(fmt::format("{} of {} lines arrived in the new store", now, total));
  return report;
}

std::string WithoutSlash(std::string dir) {
  while (dir.size() > 1 && dir.ends_with('/')) dir.pop_back();
  return dir;
}

}  // namespace

absl::StatusOr<RewriteReport> RewriteStore(base::Env& env, const std::string& given,
                                           std::shared_ptr<const redact::Policy> policy, bool keep_old,
                                           const std::function<void(uint64_t, uint64_t)>& progress) {
  const std::string dir = WithoutSlash(given);
  const std::string made = dir + ".redacting";
  const std::string old = dir + ".unredacted";
  if (env.Exists(old))
    return absl::FailedPreconditionError(
        fmt::format("{} is there, of a rewriting before: rename it to {} if that is missing, else remove it",
                    Printable(old), Printable(dir)));
  TAFFRAIL_ASSIGN_OR_RETURN(auto from, store::Store::Open({.dir = dir, .env = &env, .background = false}));
  if (env.Exists(made)) TAFFRAIL_RETURN_IF_ERROR(RemoveTree(env, made));
  RewriteReport report;
  {
    TAFFRAIL_ASSIGN_OR_RETURN(const auto to, store::Store::Open({.dir = made, .env = &env}));
    TAFFRAIL_ASSIGN_OR_RETURN(report, Copy(*from, *to, std::move(policy), progress));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> names, env.List(dir));
  for (const std::string& name : names) {
    if (!IsOfStore(name))
      TAFFRAIL_RETURN_IF_ERROR(env.Rename(base::JoinPath(dir, name), base::JoinPath(made, name)));
  }
  TAFFRAIL_RETURN_IF_ERROR(env.SyncDir(made));
  TAFFRAIL_RETURN_IF_ERROR(env.Rename(dir, old));
  TAFFRAIL_RETURN_IF_ERROR(env.Rename(made, dir));
  from.reset();  // its lock until now: nobody has begun to write into what goes away
  if (keep_old) {
    report.old_dir = old;
  } else {
    TAFFRAIL_RETURN_IF_ERROR(RemoveTree(env, old));
  }
  return report;
}

}  // namespace taffrail::cmd
