#include "server/loki_tails.h"

#include <algorithm>
#include <map>
#include <thread>
#include <utility>

#include "fmt/format.h"
#include "net/websocket.h"
#include "query/exec/batch_engine.h"
#include "query/exec/executor.h"
#include "server/loki_answer.h"
#include "server/tail_queue.h"

namespace taffrail::server {
namespace {

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
  // Waits for the thread: not to be destroyed on it.
  ~Tail() {
    subscription_.reset();
    queue_->End();
    stream_->Close();
    if (thread_.joinable()) thread_.join();
  }
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;

  void Start(std::string history, uint64_t seen) {
    thread_ = std::thread([this, history = std::move(history), seen] { Run(history, seen); });
  }
  void Hold(std::unique_ptr<ingest::StandingQueries::Subscription> subscription) {
    subscription_ = std::move(subscription);
  }
  const std::shared_ptr<TailQueue>& queue() const { return queue_; }
  net::HttpStream& stream() { return *stream_; }

 private:
  void Run(const std::string& history, uint64_t seen) {
    if (!history.empty()) stream_->Write(net::WebSocketText(history));
    record::RecordBatch batch;
    uint64_t dropped = 0;
    while (queue_->Take(batch, dropped)) {
      const bool in_history = !batch.sequence.empty() && batch.sequence.back() <= seen;
      if (!in_history && !Send(std::move(batch), dropped)) break;
      batch = {};
      dropped = 0;
    }
    stream_->TryWrite(net::WebSocketClose(1000, ""));
    stream_->Close();
  }

  // Blocks while the client's buffer is full: meanwhile the queue fills, and then lines are dropped.
  bool Send(record::RecordBatch batch, uint64_t dropped) {
    if (batch.rows() == 0) return stream_->Write(net::WebSocketPing());
    const int64_t last_ns = batch.timestamp_ns.back();
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
  const std::shared_ptr<TailQueue> queue_ = std::make_shared<TailQueue>();
  std::unique_ptr<ingest::StandingQueries::Subscription> subscription_;
  std::thread thread_;
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
  tail->Hold(standing_.Subscribe(std::move(matcher), [queue = tail->queue()](const record::RecordBatch& batch,
                                                                             const expr::Selection& rows) {
    return queue->Offer(batch, rows);
  }));
  tail->stream().OnClose([queue = tail->queue()] { queue->End(); });
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
  for (const auto& tail : tails) tail->queue()->End();
  tails.clear();  // waits for each
}

}  // namespace taffrail::server
