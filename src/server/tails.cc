#include "server/tails.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "expr/matcher.h"
#include "fmt/format.h"
#include "net/problem.h"
#include "query/exec/batch_engine.h"
#include "query/exec/executor.h"
#include "server/query_notes.h"
#include "server/record_json.h"
#include "server/tail_queue.h"

namespace taffrail::server {
namespace {

// Proxies drop connections that are silent for a minute, and a client that is gone shows only when written
// to.
constexpr absl::Duration kHeartbeat = absl::Seconds(15);

// Events are handed to the stream in pieces of this size: a piece is dropped as a whole when the buffer is
// full.
constexpr size_t kPieceBytes = size_t{64} << 10;

// Of the stages on one piece of what came in: far above what any takes, below what a client waits for.
constexpr int64_t kStagesNs = 30'000'000'000;

// Events of what the stages give, sent on the tail's own thread: it waits for a slow client, and meanwhile
// the queue fills.
class Events final : public query::exec::ResultSink {
 public:
  explicit Events(net::HttpStream& stream) : stream_(stream) {}
  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRow(const std::vector<expr::Value>&) override { return false; }
  bool OnRecord(const query::exec::LogRow& row) override {
    piece_ += "data: ";
    AppendRecordJson(row, piece_);
    piece_ += "\n\n";
    return piece_.size() < kPieceBytes || Flush();
  }
  bool Flush() {
    const bool more = piece_.empty() || stream_.Write(piece_);
    piece_.clear();
    return more;
  }

 private:
  net::HttpStream& stream_;
  std::string piece_;
};

std::string DroppedEvent(uint64_t dropped) {
  return fmt::format("event: dropped\ndata: {{\"dropped\":{}}}\n\n", dropped);
}

}  // namespace

class Tails::Tail {
 public:
  Tail(query::plan::Plan plan, std::shared_ptr<net::HttpStream> stream)
      : plan_(std::move(plan)), stream_(std::move(stream)) {
    if (!plan_.stages.empty()) thread_ = std::thread([this] { Run(); });
  }
  // Waits for the thread, if there is one: not to be destroyed on it.
  ~Tail() {
    End();
    if (thread_.joinable()) thread_.join();
  }
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;

  bool has_thread() const { return !plan_.stages.empty(); }
  const std::shared_ptr<TailQueue>& queue() const { return queue_; }

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

  void End() {
    queue_->End();
    stream_->Close();
  }

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
  void Run() {
    record::RecordBatch batch;
    uint64_t dropped = 0;
    while (queue_->Take(batch, dropped)) {
      if (dropped > 0 && !stream_->Write(DroppedEvent(dropped))) break;
      if (batch.rows() > 0 && !RunStages(std::move(batch))) break;
      batch = {};
      dropped = 0;
    }
    stream_->Close();
  }

  bool RunStages(record::RecordBatch batch) {
    std::vector<record::RecordBatch> batches;
    batches.push_back(std::move(batch));
    query::exec::BatchEngine engine(std::move(batches), {.range = true, .filter = true, .order = false});
    Events events(*stream_);
    query::exec::ExecOptions options;
    options.max_time_ns = kStagesNs;
    options.cancelled = [this] { return queue_->ending() || stream_->closed(); };
    query::exec::ExecStats stats;
    const absl::Status status = query::exec::Execute(plan_, engine, events, options, stats);
    if (!events.Flush()) return false;
    if (!status.ok()) {
      const int code = net::HttpStatusOf(status);
      const absl::string_view reason = status.message();
      stream_->Write("event: error\ndata: " +
                     net::ProblemDocument(code, net::ReasonPhrase(code), {reason.data(), reason.size()}) +
                     "\n\n");
      return false;
    }
    std::vector<QueryNote> notes;
    for (std::string& message : query::exec::NotesOf(stats)) notes.push_back({std::move(message), {}, {}});
    if (notes.empty() || std::exchange(noted_, true)) return true;
    return stream_->Write("event: note\ndata: " + NotesJson(notes) + "\n\n");
  }

  bool Send(std::string text) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (dropped_ > 0) {
      if (!stream_->TryWrite(DroppedEvent(dropped_))) return false;
      dropped_ = 0;
    }
    return stream_->TryWrite(std::move(text));
  }

  const query::plan::Plan plan_;
  const std::shared_ptr<net::HttpStream> stream_;
  const std::shared_ptr<TailQueue> queue_ = std::make_shared<TailQueue>();
  bool noted_ = false;  // the thread's
  absl::Mutex mutex_;
  uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;  // since the client was told
  std::unique_ptr<ingest::StandingQueries::Subscription> subscription_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
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
  tails.clear();
  Reap();
}

void Tails::Reap() {
  std::vector<std::shared_ptr<Tail>> ended;  // waited for outside the lock
  {
    const absl::MutexLock lock(&mutex_);
    ended.swap(ended_);
  }
}

absl::Status Tails::Open(query::plan::Plan plan, net::HttpResponder& responder) {
  TAFFRAIL_ASSIGN_OR_RETURN(auto matcher, expr::Matcher::Compile(plan.source.filter));
  Reap();
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
  const auto tail = std::make_shared<Tail>(std::move(plan), stream);
  {
    const absl::MutexLock lock(&mutex_);
    if (stopping_) stream->Close();
    tails_.push_back(tail);
  }
  ingest::StandingQueries::Callback offer = [held = std::weak_ptr(tail)](const record::RecordBatch& batch,
                                                                         const expr::Selection& rows) {
    const auto open = held.lock();
    return open != nullptr ? open->Offer(batch, rows) : size_t{0};
  };
  if (tail->has_thread()) {
    offer = [queue = tail->queue()](const record::RecordBatch& batch, const expr::Selection& rows) {
      return queue->Offer(batch, rows);
    };
  }
  tail->Hold(standing_.Subscribe(std::move(matcher), std::move(offer)));
  tail->Heartbeat();  // the client sees at once that it is connected, and that lines from now on come through
  // The stream may end at any time, on any thread, even before this call: the callback then runs at once.
  // It holds no tail: one that goes with the callback would wait for its own thread.
  stream->OnClose([this, closed = tail.get()] { Close(closed); });
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
  closed->queue()->End();
  if (!closed->has_thread()) return;
  const absl::MutexLock lock(&mutex_);
  ended_.push_back(std::move(closed));
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
    tails.clear();
    Reap();
  }
}

}  // namespace taffrail::server
