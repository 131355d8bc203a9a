#include "server/tails.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "fmt/format.h"
#include "server/record_json.h"

namespace taffrail::server {
namespace {

// Proxies drop connections that are silent for a minute, and a client that is gone shows only when written
// to.
constexpr absl::Duration kHeartbeat = absl::Seconds(15);

// Events are handed to the stream in pieces of this size: a piece is dropped as a whole when the buffer is
// full.
constexpr size_t kPieceBytes = size_t{64} << 10;

}  // namespace

class Tails::Tail {
 public:
  explicit Tail(std::shared_ptr<net::HttpStream> stream) : stream_(std::move(stream)) {}

  // The standing query's callback: how many of the rows the client's buffer took.
  size_t Offer(const record::RecordBatch& batch, const expr::Selection& rows) {
    const absl::MutexLock lock(&mutex_);
    RowReader reader(batch);
    std::string piece;
    size_t in_piece = 0;
    size_t taken = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      piece += "data: ";
      AppendRecordJson(reader.Read(rows[i]), piece);
      piece += "\n\n";
      ++in_piece;
      if (piece.size() < kPieceBytes && i + 1 < rows.size()) continue;
      if (!Send(std::move(piece))) break;
      taken += in_piece;
      in_piece = 0;
      piece.clear();
    }
    dropped_ += rows.size() - taken;
    return taken;
  }

  void Heartbeat() {
    const absl::MutexLock lock(&mutex_);
    Send(": still here\n\n");
  }

  void End() { stream_->Close(); }

  void Hold(std::unique_ptr<ingest::StandingQueries::Subscription> subscription) {
    const absl::MutexLock lock(&mutex_);
    subscription_ = std::move(subscription);
  }
  // To be destroyed by the caller, outside the lock.
  std::unique_ptr<ingest::StandingQueries::Subscription> Release() {
    const absl::MutexLock lock(&mutex_);
    return std::move(subscription_);
  }

 private:
  bool Send(std::string text) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (dropped_ > 0) {
      if (!stream_->TryWrite(fmt::format("event: dropped\ndata: {{\"dropped\":{}}}\n\n", dropped_)))
        return false;
      dropped_ = 0;
    }
    return stream_->TryWrite(std::move(text));
  }

  const std::shared_ptr<net::HttpStream> stream_;
  absl::Mutex mutex_;
  uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;  // since the client was told
  std::unique_ptr<ingest::StandingQueries::Subscription> subscription_ ABSL_GUARDED_BY(mutex_);
};

Tails::Tails(ingest::StandingQueries& standing, size_t max_tails)
    : standing_(standing), max_tails_(max_tails), heartbeat_([this] { HeartbeatLoop(); }) {}

Tails::~Tails() { Stop(); }

void Tails::Stop() {
  std::vector<std::shared_ptr<Tail>> tails;
  {
    const absl::MutexLock lock(&mutex_);
    if (std::exchange(stopping_, true)) return;
    tails = tails_;
  }
  heartbeat_.join();
  for (const auto& tail : tails) tail->End();
}

absl::Status Tails::Open(std::shared_ptr<const expr::Matcher> matcher, net::HttpResponder& responder) {
  {
    const absl::MutexLock lock(&mutex_);
    if (stopping_) return absl::UnavailableError("the server is stopping");
    if (tails_.size() >= max_tails_) {
      return absl::ResourceExhaustedError(
          fmt::format("{} tails are open already, the most this server allows", max_tails_));
    }
  }
  const auto stream = responder.BeginStream(
      200,
      {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}});
  const auto tail = std::make_shared<Tail>(stream);
  {
    const absl::MutexLock lock(&mutex_);
    if (stopping_) stream->Close();
    tails_.push_back(tail);
  }
  tail->Hold(standing_.Subscribe(std::move(matcher),
                                 [tail_pointer = std::weak_ptr(tail)](const record::RecordBatch& batch,
                                                                      const expr::Selection& rows) -> size_t {
                                   const auto held = tail_pointer.lock();
                                   return held != nullptr ? held->Offer(batch, rows) : 0;
                                 }));
  tail->Heartbeat();  // the client sees at once that it is connected, and that lines from now on come through
  // The stream may end at any time, on any thread, even before this call: the callback then runs at once.
  stream->OnClose([this, tail] { Close(tail.get()); });
  return absl::OkStatus();
}

void Tails::Close(const Tail* tail) {
  std::shared_ptr<Tail> closed;
  {
    const absl::MutexLock lock(&mutex_);
    const auto found =
        std::find_if(tails_.begin(), tails_.end(), [&](const auto& each) { return each.get() == tail; });
    if (found == tails_.end()) return;
    closed = std::move(*found);
    tails_.erase(found);
  }
  closed->Release();
}

size_t Tails::count() const {
  const absl::MutexLock lock(&mutex_);
  return tails_.size();
}

void Tails::HeartbeatLoop() {
  while (true) {
    std::vector<std::shared_ptr<Tail>> tails;
    {
      const absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kHeartbeat);
      if (stopping_) return;
      tails = tails_;
    }
    for (const auto& tail : tails) tail->Heartbeat();
  }
}

}  // namespace taffrail::server
