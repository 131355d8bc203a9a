#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "base/backoff.h"
#include "base/compression.h"
#include "cmd/handover.h"
#include "cmd/import_target.h"
#include "cmd/server_client.h"
#include "record/intake.h"

namespace taffrail::cmd {
namespace {

// Large enough that the server's sync at the end of each request does not show, small enough that sending one
// again costs little. With one being filled, one waiting and one under way, three are in memory.
constexpr size_t kChunkBytes = size_t{8} << 20;
constexpr size_t kWaitingChunks = 1;

// A line that the client clips keeps so many bytes: with the mark (at most 40 bytes) it stays below the
// server's own limit, which would clip it again.
constexpr size_t kLineBytes = record::kMaxLineBytes - 64;

// Over the loopback bytes are cheaper than the compression of them; anywhere else a core packs faster than
// most wires carry.
bool IsLoopback(std::string_view url) {
  for (const std::string_view host : {"://127.", "://localhost", "://[::1]"}) {
    if (url.find(host) != std::string_view::npos) return true;
  }
  return false;
}

class ServerTarget final : public ImportTarget {
 public:
  ServerTarget(base::Env& env, std::string url, const std::string& time_field, int64_t patience_ms)
      : env_(env),
        client_(std::move(url)),
        compress_(!IsLoopback(client_.url())),
        patience_ms_(patience_ms),
        uploads_(kWaitingChunks, [this](std::string chunk) { return Upload(std::move(chunk)); }) {
    if (!time_field.empty()) query_.Add("time_field", time_field);
    chunk_.reserve(kChunkBytes + kLineBytes);
  }

  absl::Status Take(std::string_view bytes) override {
    while (!bytes.empty()) {
      const bool inside_line = line_begin_ != chunk_.size();
      const size_t last_newline = bytes.rfind('\n');
      // Bytes that begin a line, end one and are too few to hold a long one: no need to look at each.
      if (!inside_line && last_newline != std::string_view::npos && last_newline < kLineBytes) {
        TakeWholeLines(bytes.substr(0, last_newline + 1));
        bytes.remove_prefix(last_newline + 1);
      } else {
        const size_t size = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
        TakePiece(bytes.substr(0, size));
        bytes.remove_prefix(size);
      }
      if (line_begin_ >= kChunkBytes) TAFFRAIL_RETURN_IF_ERROR(HandOver());
    }
    return absl::OkStatus();
  }

  absl::Status EndInput(bool whole) override {
    if (!whole) chunk_.resize(line_begin_);
    if (chunk_.size() > line_begin_) TakePiece("\n");
    dropped_bytes_ = 0;
    return absl::OkStatus();
  }

  absl::Status Finish() override {
    if (!chunk_.empty()) TAFFRAIL_RETURN_IF_ERROR(HandOver());
    return uploads_.Finish();
  }

  uint64_t lines() const override { return lines_; }

  ImportCounts counts() const override {
    absl::MutexLock lock(&mutex_);
    return counts_;
  }

 private:
  void TakeWholeLines(std::string_view lines) {
    chunk_ += lines;
    line_begin_ = chunk_.size();
    lines_ += static_cast<uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
  }

  // A piece of one line, with its newline if it has one. Of a line without end only kLineBytes are held.
  void TakePiece(std::string_view piece) {
    const bool ends = piece.back() == '\n';
    if (ends) piece.remove_suffix(1);
    const size_t held = chunk_.size() - line_begin_;
    const size_t room = kLineBytes + 1 - std::min(held, kLineBytes + 1);
    const std::string_view kept = piece.substr(0, room);
    chunk_ += kept;
    dropped_bytes_ += piece.size() - kept.size();
    if (!ends) return;
    if (chunk_.size() - line_begin_ > kLineBytes) Clip();
    chunk_ += '\n';
    line_begin_ = chunk_.size();
    ++lines_;
  }

  void Clip() {
    const std::string_view line = std::string_view(chunk_).substr(line_begin_);
    const size_t size = record::ClippedSize(line, kLineBytes);
    dropped_bytes_ += line.size() - size;
    chunk_.resize(line_begin_ + size);
    record::AppendClipMark(dropped_bytes_, chunk_);
    dropped_bytes_ = 0;
    absl::MutexLock lock(&mutex_);
    ++counts_.clipped;
  }

  // The whole lines so far; a line that has begun stays.
  absl::Status HandOver() {
    std::string next;
    next.reserve(kChunkBytes + kLineBytes);
    next.append(chunk_, line_begin_);
    chunk_.resize(line_begin_);
    std::string chunk = std::exchange(chunk_, std::move(next));
    line_begin_ = 0;
    return uploads_.Push(std::move(chunk)) ? absl::OkStatus() : uploads_.Finish();
  }

  // On the upload thread, one at a time.
  absl::Status Upload(std::string chunk) {
    base::Backoff backoff(env_, {});
    const int64_t give_up_ns = env_.MonotonicNs() + patience_ms_ * 1'000'000;
    for (;;) {
      std::optional<int64_t> retry_after_ms;
      const absl::Status status = Send(chunk, retry_after_ms);
      const bool may_pass = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
      if (!may_pass || env_.MonotonicNs() >= give_up_ns) return status;
      env_.SleepNs(backoff.NextDelayMs(retry_after_ms) * 1'000'000);
      absl::MutexLock lock(&mutex_);
      ++counts_.retries;
    }
  }

  // Sends the chunk once. Of a chunk that the server took in part, the lines that it has are removed.
  absl::Status Send(std::string& chunk, std::optional<int64_t>& retry_after_ms) {
    net::Headers headers = {{"Content-Type", "application/x-ndjson"}};
    std::string packed;
    if (compress_) {
      constexpr int kFast = 1;
      TAFFRAIL_RETURN_IF_ERROR(base::ZstdCompress(chunk, kFast, packed));
      headers.Add("Content-Encoding", "zstd");
    }
    TAFFRAIL_ASSIGN_OR_RETURN(
        const net::HttpClientResponse response,
        client_.Post("/api/v1/ingest", query_, std::move(headers), compress_ ? packed : chunk));
    if (response.status < 300) return CountAccepted(response.body);
    retry_after_ms = response.retry_after_ms;
    DropAccepted(response.body, chunk);
    return ErrorOf(client_.url(), response);
  }

  absl::Status CountAccepted(const std::string& answer) {
    simdjson::dom::parser parser;
    simdjson::dom::element counts;
    if (parser.parse(answer).get(counts) != simdjson::SUCCESS) {
      return absl::InternalError(
          fmt::format("{} answered an import with something else than counts; is it a "
                      "Taffrail server?",
                      client_.url()));
    }
    absl::MutexLock lock(&mutex_);
    const auto add = [&counts](const char* name, uint64_t& total) {
      uint64_t count = 0;
      if (counts[name].get(count) == simdjson::SUCCESS) total += count;
    };
    add("accepted", counts_.lines);
    add("json", counts_.json);
    add("text", counts_.text);
    add("clipped", counts_.clipped);
    add("invalid_utf8", counts_.invalid_utf8);
    add("blank", counts_.blank);
    add("time_missing", counts_.time_missing);
    return absl::OkStatus();
  }

  // A problem document says how many lines are durable all the same, and with which line (from 1) to go on.
  void DropAccepted(const std::string& problem, std::string& chunk) {
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    uint64_t accepted = 0;
    uint64_t next_line = 0;
    if (parser.parse(problem).get(document) != simdjson::SUCCESS) return;
    if (document["accepted_lines"].get(accepted) != simdjson::SUCCESS) return;
    if (document["failed_line"].get(next_line) != simdjson::SUCCESS) return;
    size_t at = 0;
    for (uint64_t line = 1; line < next_line && at < chunk.size(); ++line) {
      at = std::min(chunk.find('\n', at), chunk.size() - 1) + 1;
    }
    chunk.erase(0, at);
    absl::MutexLock lock(&mutex_);
    counts_.lines += accepted;
  }

  base::Env& env_;
  ServerClient client_;
  const bool compress_;
  const int64_t patience_ms_;
  net::QueryParameters query_;

  std::string chunk_;           // whole lines, then the open one
  size_t line_begin_ = 0;       // of the open line
  uint64_t dropped_bytes_ = 0;  // of the open line, beyond what is held
  uint64_t lines_ = 0;

  mutable absl::Mutex mutex_;
  ImportCounts counts_ ABSL_GUARDED_BY(mutex_);
  Handover<std::string> uploads_;  // last: its thread uses the others
};

}  // namespace

std::unique_ptr<ImportTarget> ImportToServer(base::Env& env, std::string url, std::string time_field,
                                             int64_t patience_ms) {
  return std::make_unique<ServerTarget>(env, std::move(url), time_field, patience_ms);
}

}  // namespace taffrail::cmd
