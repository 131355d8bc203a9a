// GET and POST /api/v1/search: a query in any of the languages, its answer streamed in any of the formats.
//
// The answer begins with its first piece, so that whatever goes wrong before that is a proper problem
// document. What goes wrong later cannot change the status any more: NDJSON ends with a line {"error":{…}},
// and every format is cut off (no last chunk), so that no client takes a part for the whole.
//
// Notes on a query that went well (query_notes.h) are a member of a JSON document, the last line of NDJSON
// {"notes":[…]} for those who ask for `notes`, and in any format the header Taffrail-Notes of an answer that
// is sent in one piece, as an empty one is.
#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "engine/embedded/embedded_engine.h"
#include "fmt/format.h"
#include "net/problem.h"
#include "query/exec/executor.h"
#include "query/exec/newest_last.h"
#include "query/lang/language.h"
#include "server/answer_writer.h"
#include "server/params.h"
#include "server/query_notes.h"
#include "server/routes.h"

namespace taffrail::server {
namespace {

namespace exec = query::exec;
namespace plan = query::plan;
using net::HttpRequest;
using net::HttpResponder;

// Without a limit from the client: what a person looks through, and a terminal holds.
constexpr uint64_t kDefaultRecords = 1000;

// A chunk of the answer: large enough that system calls do not count, small enough to show progress.
constexpr size_t kPieceBytes = size_t{64} << 10;

struct SearchRequest {
  plan::Plan plan;
  AnswerFormat format = AnswerFormat::kNdjson;
  bool explain = false;
  bool last = false;      // the newest so many, in order of time
  bool progress = false;  // says how far it has come, between the lines
  bool notes = false;     // a last line of notes
  uint64_t max_record_bytes = UINT64_MAX;
};

AnswerFormat FormatOf(std::string_view name) {
  if (name == "raw") return AnswerFormat::kRaw;
  if (name == "csv") return AnswerFormat::kCsv;
  if (name == "json") return AnswerFormat::kJson;
  return AnswerFormat::kNdjson;
}

// The URL's parameters, and for POST those of a form in the body: queries may be longer than proxies let a
// URL be.
absl::StatusOr<net::QueryParameters> ParametersOf(const App& app, HttpRequest& request) {
  net::QueryParameters parameters = request.query;
  if (request.method != "POST") return parameters;
  const std::string_view type = request.headers.Get("Content-Type");
  if (!type.empty() &&
      !net::EqualsIgnoringCase(type.substr(0, type.find(';')), "application/x-www-form-urlencoded")) {
    return net::WithHttpStatus(
        absl::InvalidArgumentError(
            "a search by POST has its parameters as application/x-www-form-urlencoded"),
        415);
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string body,
                            request.ReadWholeBody(app.options.limits.max_query_bytes));
  TAFFRAIL_ASSIGN_OR_RETURN(const net::QueryParameters form, net::QueryParameters::Parse(body));
  for (const auto& [name, value] : form) parameters.Add(name, value);
  return parameters;
}

absl::StatusOr<SearchRequest> ReadRequest(const App& app, const net::QueryParameters& parameters) {
  Params params(parameters, app.env.NowNs());
  const std::string text = params.Text("query", "*");
  const std::string language = params.Choice("lang", query::lang::LanguageNames());
  const store::TimeRange range = params.Range();
  const bool has_limit = parameters.Has("limit");
  const uint64_t limit = params.Count("limit", kDefaultRecords, UINT64_MAX);
  const uint64_t offset = params.Count("offset", 0, UINT64_MAX);
  const std::string direction = params.Choice("direction", {"forward", "backward"});
  const uint64_t last = params.Count("last", 0, UINT64_MAX);
  SearchRequest search;
  search.format = FormatOf(params.Choice("format", {"ndjson", "raw", "json", "csv"}));
  search.explain = params.Flag("explain");
  search.progress = params.Flag("progress");
  search.notes = params.Flag("notes");
  search.last = last > 0;
  search.max_record_bytes = params.Count("max_record_bytes", UINT64_MAX, UINT64_MAX);
  TAFFRAIL_RETURN_IF_ERROR(params.Finish());
  if (search.last && (has_limit || direction == "backward")) {
    return absl::InvalidArgumentError("last=N goes neither with limit nor with direction=backward");
  }
  if (search.progress && search.format != AnswerFormat::kNdjson) {
    return absl::InvalidArgumentError("progress is told in format=ndjson only");
  }

  TAFFRAIL_ASSIGN_OR_RETURN(search.plan, query::lang::Parse(language, text, app.env.NowNs()));
  plan::Source& source = search.plan.source;
  source.range.from_ns = std::max(source.range.from_ns, range.from_ns);
  source.range.to_ns = std::min(source.range.to_ns, range.to_ns);
  const bool records = plan::ColumnsOf(search.plan).empty();
  if (search.last && !records) return absl::InvalidArgumentError("last=N is for records, not for tables");
  const bool backward = search.last || direction == "backward";
  if (records) source.order = backward ? plan::Order::kDescending : plan::Order::kAscending;
  if (search.last) {
    search.plan.stages.emplace_back(plan::Limit{.count = last});
    return search;
  }
  // A table is as long as its groups: cutting it unasked would give wrong answers to "which are there?".
  const uint64_t count = limit > 0 && (records || has_limit) ? limit : UINT64_MAX;
  if (count != UINT64_MAX || offset > 0) {
    search.plan.stages.emplace_back(plan::Limit{.count = count, .offset = offset});
  }
  return search;
}

// JSON within a header, where clients disagree on what other bytes mean.
std::string OnlyAscii(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

// Sends pieces of the answer; the stream begins with the first.
class Answer {
 public:
  Answer(HttpResponder& responder, AnswerFormat format) : responder_(responder), format_(format) {}

  // Any thread.
  bool Send(std::string& text) {
    absl::MutexLock lock(&mutex_);
    if (stream_ == nullptr) {
      stream_ = responder_.BeginStream(200, {{"Content-Type", std::string(ContentTypeOf(format_))}});
    }
    const bool more = stream_->Write(text);
    text.clear();
    if (!more) gone_ = true;
    return more;
  }

  // The rest, which may be all: then it is sent with its length, and with the notes, if any.
  void Finish(std::string rest, const std::string& notes) {
    if (stream_ == nullptr) {
      net::Headers headers = {{"Content-Type", std::string(ContentTypeOf(format_))}};
      constexpr size_t kHeaderBytesMax = 4096;  // what clients take without being told
      if (!notes.empty() && notes.size() <= kHeaderBytesMax) headers.Add("Taffrail-Notes", OnlyAscii(notes));
      return responder_.Send(200, std::move(headers), std::move(rest));
    }
    stream_->Write(rest);
    stream_->Close();
  }

  void Fail(const absl::Status& status) {
    if (stream_ == nullptr) return responder_.SendError(status);
    if (format_ == AnswerFormat::kNdjson) {
      const int code = net::HttpStatusOf(status);
      const absl::string_view message = status.message();
      stream_->Write("{\"error\":" +
                     net::ProblemDocument(code, net::ReasonPhrase(code), {message.data(), message.size()}) +
                     "}\n");
    }
    stream_->Abort();
  }

  bool gone() const { return gone_ || responder_.client_gone(); }

 private:
  HttpResponder& responder_;
  const AnswerFormat format_;
  absl::Mutex mutex_;
  std::shared_ptr<net::HttpStream> stream_;
  std::atomic<bool> gone_ = false;
};

// Lines that say how far the query has come, a few a second, for those who asked.
class Progress {
 public:
  Progress(const exec::ScanStats& scan, base::Env& env, Answer& answer)
      : scan_(scan), env_(env), answer_(answer), next_ns_(env.MonotonicNs() + kIntervalNs) {}

  void Tell() {
    const int64_t now_ns = env_.MonotonicNs();
    if (now_ns < next_ns_) return;
    next_ns_ = now_ns + kIntervalNs;
    const uint64_t done = scan_.blocks_read + scan_.blocks_counted + scan_.blocks_pruned_time +
                          scan_.blocks_pruned_words + scan_.blocks_pruned_range;
    std::string line = fmt::format(
        "{{\"progress\":{{\"blocks\":{},\"blocks_done\":{},\"rows_read\":{},\"bytes_read\":{}}}}}\n",
        scan_.blocks, std::min(done, scan_.blocks), scan_.rows_read, scan_.bytes_read);
    answer_.Send(line);
  }

 private:
  static constexpr int64_t kIntervalNs = 250'000'000;

  const exec::ScanStats& scan_;
  base::Env& env_;
  Answer& answer_;
  int64_t next_ns_;
};

exec::ExecOptions OptionsOf(App& app, const SearchRequest& search, const Answer& answer) {
  exec::ExecOptions options;
  options.max_memory_bytes = app.options.limits.query_memory_bytes;
  options.max_time_ns = app.options.limits.query_timeout_ms * 1'000'000;
  // Only a document is held in memory; streamed formats may be as long as the store.
  if (search.format == AnswerFormat::kJson) options.max_rows = app.options.limits.max_document_rows;
  options.cancelled = [&app, &answer] { return app.stopping || answer.gone(); };
  options.env = &app.env;
  return options;
}

void HandleSearch(App& app, HttpRequest& request, HttpResponder& responder) {
  const absl::StatusOr<net::QueryParameters> parameters = ParametersOf(app, request);
  if (!parameters.ok()) return responder.SendError(parameters.status());
  const absl::StatusOr<SearchRequest> search = ReadRequest(app, *parameters);
  if (!search.ok()) return responder.SendError(search.status());

  Answer answer(responder, search->format);
  const size_t piece_bytes = search->format == AnswerFormat::kJson ? SIZE_MAX : kPieceBytes;
  AnswerWriter writer(search->format, piece_bytes, [&](std::string& text) {
    if (search->explain) text.clear();  // the query runs for its figures alone
    return search->explain || answer.Send(text);
  });
  writer.CutRecordsAt(search->max_record_bytes);
  engine::embedded::EmbeddedEngine engine(app.store);
  exec::ExecStats stats;
  exec::ExecOptions options = OptionsOf(app, *search, answer);
  Progress progress(stats.scan, app.env, answer);
  options.time_operators = search->explain;
  if (search->progress && !search->explain) options.progress = [&progress] { progress.Tell(); };
  exec::NewestLast newest_last(writer, options.max_memory_bytes);
  exec::ResultSink& sink = search->last ? static_cast<exec::ResultSink&>(newest_last) : writer;
  absl::Status status = exec::Execute(search->plan, engine, sink, options, stats);
  if (status.ok() && search->last) status = newest_last.Finish();
  app.queries.AddQuery(stats, status);
  if (!status.ok()) return answer.Fail(status);
  if (search->explain) {
    return responder.Send(200, {{"Content-Type", "text/plain; charset=utf-8"}}, exec::Explain(stats));
  }
  const std::vector<QueryNote> found = NotesOn(search->plan, engine, stats, options);
  const std::string notes = found.empty() ? "" : NotesJson(found);
  std::string rest = writer.Finish(notes);
  if (search->notes && search->format == AnswerFormat::kNdjson && !notes.empty()) {
    rest += "{\"notes\":" + notes + "}\n";
  }
  answer.Finish(std::move(rest), notes);
}

}  // namespace

void AddSearchRoutes(net::Router& router, App& app) {
  for (const char* const method : {"GET", "POST"}) {
    router.Add(method, "/api/v1/search", [&app](HttpRequest& request, HttpResponder& responder) {
      HandleSearch(app, request, responder);
    });
  }
}

}  // namespace taffrail::server
