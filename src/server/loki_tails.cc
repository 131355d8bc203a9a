#include "server/loki_tails.h"

#include <algorithm>
#include <deque>
#include <map>
#include <thread>
#include <utility>

#include "absl/time/time.h"
#include "fmt/format.h"
#include "net/websocket.h"
#include "query/exec/batch_engine.h"
#include "query/exec/executor.h"
#include "record/batch_gather.h"
#include "server/loki_answer.h"

namespace taffrail::server {
namespace {

// Proxies drop connections that are silent for a minute.
constexpr absl::Duration kHeartbeat = absl::Seconds(15);

// Rows that wait for the tail's thread: what a slow client may fall behind before it loses lines.
constexpr size_t kQueueBytes = size_t{8} << 20;

// Streams of one message, in the order of their first line.
class TailMessage final : public query::exec::ResultSink {
 public:
  explicit TailMessage(bool categorizes_labels) : categorizes_labels_(categorizes_labels) {}
  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRow(const std::vector<expr::Value>&) override { return false; }
  bool OnRecord(const query::exec::LogRow& row) override {
    std::string& values = streams_[LokiStreamLabels(row, categorizes_labels_)];
    if (!values.empty()) values += ',';
    AppendLokiValue(row, categorizes_labels_, values);
    return true;
  }
  bool empty() const { return streams_.empty(); }

  std::string ToJson(uint64_t dropped, int64_t now_ns) const {
    std::string out = "{\"streams\":[";
    for (const auto& [labels, values] : streams_) {
      if (out.back() != '[') out += ',';
      out += "{\"stream\":";
      AppendLabelSet(labels, out);
      out += ",\"values\":[" + values + "]}";
    }
    out += ']';
    if (dropped > 0) {
      out += fmt::format(R"(,"dropped_entries":[{{"timestamp":"{}","labels":{{"dropped_lines":"{}"}}}}])",
                         now_ns, dropped);
    }
    return out + "}";
  }

 private:
  const bool categorizes_labels_;
  std::map<query::exec::LabelSet, std::string> streams_;
};

}  // namespace

class LokiTails::Tail {
 public:
  Tail(Request request, std::shared_ptr<net::HttpStream> stream)
      : request_(std::move(request)), stream_(std::move(stream)) {}
  ~Tail() { End(); }

  // The standing query's callback, on the committing thread: copies the rows, or drops them.
  size_t Offer(const record::RecordBatch& batch, const expr::Selection& rows) {
    record::RecordBatch taken = record::Reordered(batch, rows);
    const size_t bytes = taken.MemoryBytes();
    const absl::MutexLock lock(&mutex_);
    if (ending_ || queued_bytes_ + bytes > kQueueBytes) {
      dropped_ += rows.size();
      return 0;
    }
    queued_bytes_ += bytes;
    queue_.push_back(std::move(taken));
    return rows.size();
  }

  void Start(std::string history, uint64_t seen) {
    seen_ = seen;
    thread_ = std::thread([this, history = std::move(history)] { Run(history); });
  }

  void Hold(std::unique_ptr<ingest::StandingQueries::Subscription> subscription) {
    const absl::MutexLock lock(&mutex_);
    subscription_ = std::move(subscription);
  }

  void SignalEnd() {
    const absl::MutexLock lock(&mutex_);
    ending_ = true;
  }

  // Waits for the thread. Not to be called on it, nor with a lock held.
  void End() {
    SignalEnd();
    std::unique_ptr<ingest::StandingQueries::Subscription> subscription;
    {
      const absl::MutexLock lock(&mutex_);
      subscription = std::move(subscription_);
    }
    subscription.reset();
    if (thread_.joinable()) thread_.join();
  }

  net::HttpStream& stream() { return *stream_; }

 private:
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return ending_ || !queue_.empty(); }

  void Run(const std::string& history) {
    if (!history.empty()) stream_->Write(net::WebSocketText(history));
    while (true) {
      record::RecordBatch batch;
      uint64_t dropped = 0;
      {
        const absl::MutexLock lock(&mutex_);
        const bool work = mutex_.AwaitWithTimeout(absl::Condition(this, &Tail::HasWork), kHeartbeat);
        if (ending_) break;
        if (work) {
          batch = std::move(queue_.front());
          queue_.pop_front();
          queued_bytes_ -= std::min(queued_bytes_, batch.MemoryBytes());
          dropped = std::exchange(dropped_, 0);
        }
      }
      if (!Send(std::move(batch), dropped)) break;
    }
    stream_->TryWrite(net::WebSocketClose(1000, ""));
    stream_->Close();
  }

  // Blocks while the client's buffer is full: meanwhile the queue fills, and then lines are dropped.
  bool Send(record::RecordBatch batch, uint64_t dropped) {
    if (batch.rows() == 0) return stream_->Write(net::WebSocketPing());
    const int64_t last_ns = batch.timestamp_ns.back();
    const bool all_seen = !batch.sequence.empty() && batch.sequence.back() <= seen_;
    if (all_seen) return true;
    std::vector<record::RecordBatch> batches;
    batches.push_back(std::move(batch));
    query::exec::BatchEngine engine(std::move(batches), {.range = true, .filter = true, .order = false});
    TailMessage message(request_.categorizes_labels);
    query::exec::ExecStats stats;
    const absl::Status status = query::exec::Execute(request_.plan, engine, message, {}, stats);
    if (!status.ok()) {
      const absl::string_view reason = status.message();
      stream_->Write(net::WebSocketClose(1011, {reason.data(), reason.size()}));
      return false;
    }
    if (message.empty() && dropped == 0) return true;
    return stream_->Write(net::WebSocketText(message.ToJson(dropped, last_ns)));
  }

  const Request request_;
  const std::shared_ptr<net::HttpStream> stream_;
  uint64_t seen_ = 0;  // sequences up to it were in the history
  std::thread thread_;
  absl::Mutex mutex_;
  std::deque<record::RecordBatch> queue_ ABSL_GUARDED_BY(mutex_);
  size_t queued_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<ingest::StandingQueries::Subscription> subscription_ ABSL_GUARDED_BY(mutex_);
};

LokiTails::~LokiTails() { Stop(); }

absl::StatusOr<std::shared_ptr<LokiTails::Tail>> LokiTails::Open(Request request,
                                                                 net::HttpResponder& responder) {
  TAFFRAIL_ASSIGN_OR_RETURN(auto matcher, expr::Matcher::Compile(request.plan.source.filter));
  std::vector<std::shared_ptr<Tail>> ended;  // their threads are waited for outside the lock
  {
    const absl::MutexLock lock(&mutex_);
    const auto alive = std::partition(tails_.begin(), tails_.end(),
                                      [](const auto& tail) { return !tail->stream().closed(); });
    ended.assign(std::make_move_iterator(alive), std::make_move_iterator(tails_.end()));
    tails_.erase(alive, tails_.end());
    if (stopping_) return absl::UnavailableError("the server is stopping");
    if (tails_.size() >= max_tails_) {
      return absl::ResourceExhaustedError(
          fmt::format("{} tails are open already, the most this server allows", max_tails_));
    }
  }
  net::Headers headers = request.headers;
  auto tail = std::make_shared<Tail>(std::move(request), responder.BeginStream(101, std::move(headers)));
  {
    const absl::MutexLock lock(&mutex_);
    if (stopping_) tail->stream().Close();
    tails_.push_back(tail);
  }
  tail->Hold(standing_.Subscribe(
      std::move(matcher),
      [held = std::weak_ptr(tail)](const record::RecordBatch& batch, const expr::Selection& rows) -> size_t {
        const auto one = held.lock();
        return one != nullptr ? one->Offer(batch, rows) : 0;
      }));
  tail->stream().OnClose([held = std::weak_ptr(tail)] {
    if (const auto one = held.lock()) one->SignalEnd();
  });
  return tail;
}

void LokiTails::Begin(Tail& tail, std::string history, uint64_t seen) {
  tail.Start(std::move(history), seen);
}

void LokiTails::Stop() {
  std::vector<std::shared_ptr<Tail>> tails;
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
    tails.swap(tails_);
  }
  for (const auto& tail : tails) tail->SignalEnd();
  for (const auto& tail : tails) {
    tail->stream().Close();
    tail->End();
  }
}

}  // namespace taffrail::server
