#include "server/loki_request.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/duration.h"
#include "base/time_text.h"
#include "engine/embedded/embedded_engine.h"
#include "fmt/format.h"
#include "net/gzip.h"
#include "net/problem.h"
#include "server/query_notes.h"
#include "server/scan.h"

namespace taffrail::server {
namespace {

namespace logql = query::lang::logql;

constexpr int64_t kMostNs = int64_t{1} << 62;  // so that two times are less than an int64 apart
constexpr size_t kMinGzipBytes = 1400;         // what fits a packet is not worth the work

absl::Status BadParameter(std::string_view name, std::string_view value, std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("could not parse '{}' {}: {}", value, name, what));
}

bool ParseFloat(std::string_view text, double& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(number);
}

std::string DurationText(int64_t duration_ns) {  // as Go writes it
  const int64_t seconds = duration_ns / 1'000'000'000;
  return fmt::format("{}h{}m{}s", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace

absl::StatusOr<LokiRequest> LokiRequest::Read(App& app, net::HttpRequest& request) {
  LokiRequest loki(app);
  loki.parameters_ = request.query;
  const std::string_view flags = request.headers.Get("X-Loki-Response-Encoding-Flags");
  loki.categorizes_labels_ = flags.find("categorize-labels") != std::string_view::npos;
  if (request.method != "POST") return loki;
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string body,
                            request.ReadWholeBody(app.options.limits.max_query_bytes));
  TAFFRAIL_ASSIGN_OR_RETURN(const net::QueryParameters form, net::QueryParameters::Parse(body));
  for (const auto& [name, value] : form) loki.parameters_.Add(name, value);
  return loki;
}

std::string LokiRequest::Text(std::string_view name, std::string_view fallback) const {
  return std::string(parameters_.Get(name, fallback));
}

absl::StatusOr<int64_t> LokiRequest::Count(std::string_view name, int64_t fallback) const {
  const std::string text = Text(name);
  if (text.empty()) return fallback;
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size())
    return BadParameter(name, text, "expected a number");
  return count;
}

absl::StatusOr<int64_t> LokiRequest::Time(std::string_view name, int64_t fallback_ns) const {
  const std::string text = Text(name);
  if (text.empty()) return fallback_ns;
  if (const auto time_ns = base::ParseRfc3339(text)) return std::clamp(*time_ns, -kMostNs, kMostNs);
  // Whole numbers up to ten digits are seconds, longer ones nanoseconds; fractions are of seconds.
  if (text.find('.') == std::string::npos) {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) {
      if (number > kMostNs || number < -kMostNs) return BadParameter(name, text, "it lies too far away");
      return text.size() <= 10 ? number * 1'000'000'000 : number;
    }
  }
  double seconds = 0;
  if (ParseFloat(text, seconds) && std::abs(seconds) < 4e9) {
    const double whole = std::floor(seconds);
    return static_cast<int64_t>(whole) * 1'000'000'000 + std::llround((seconds - whole) * 1e3) * 1'000'000;
  }
  return BadParameter(name, text,
                      "expected Unix seconds or nanoseconds, or a time such as 2025-10-30T14:00:00Z");
}

absl::StatusOr<int64_t> LokiRequest::Duration(std::string_view name, int64_t fallback_ns) const {
  const std::string text = Text(name);
  if (text.empty()) return fallback_ns;
  double seconds = 0;
  if (ParseFloat(text, seconds)) {
    if (std::abs(seconds) > 4e9) return BadParameter(name, text, "it overflows");
    return static_cast<int64_t>(seconds * 1e9);
  }
  if (const auto duration_ns = base::ParseDuration(text)) return std::clamp(*duration_ns, -kMostNs, kMostNs);
  return BadParameter(name, text, "expected a duration such as 5m, or seconds");
}

absl::StatusOr<LokiRequest::Range> LokiRequest::TimeRange(int64_t default_ns) const {
  Range range;
  TAFFRAIL_ASSIGN_OR_RETURN(range.end_ns, Time("end", now_ns_));
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t since_ns, Duration("since", default_ns));
  const int64_t end_ns = std::min(range.end_ns, now_ns_);  // `since` counts from now when the end is to come
  TAFFRAIL_ASSIGN_OR_RETURN(range.start_ns, Time("start", end_ns - since_ns));
  if (range.end_ns < range.start_ns) {
    return absl::InvalidArgumentError("end timestamp must not be before or equal to start time");
  }
  const uint64_t length_ns = static_cast<uint64_t>(range.end_ns) - static_cast<uint64_t>(range.start_ns);
  const int64_t most_ns = limits_.max_query_length_ms * 1'000'000;
  if (most_ns > 0 && length_ns > static_cast<uint64_t>(most_ns)) {
    return absl::InvalidArgumentError(fmt::format(
        "the query time range exceeds the limit (query length: {}, limit: {})",
        DurationText(static_cast<int64_t>(std::min<uint64_t>(length_ns, INT64_MAX))), DurationText(most_ns)));
  }
  return range;
}

absl::StatusOr<int64_t> LokiRequest::Step(const Range& range) const {
  constexpr int64_t kSecondNs = 1'000'000'000;
  constexpr int64_t kUsualPoints = 250;
  const int64_t usual_ns =
      std::max<int64_t>((range.end_ns - range.start_ns) / kUsualPoints / kSecondNs, 1) * kSecondNs;
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t step_ns, Duration("step", usual_ns));
  if (step_ns <= 0) {
    return absl::InvalidArgumentError(
        "zero or negative query resolution step widths are not accepted. Try a positive integer");
  }
  return step_ns;
}

absl::StatusOr<bool> LokiRequest::Forward() const {
  std::string text = Text("direction", "backward");
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (text == "forward" || text == "backward") return text == "forward";
  return absl::InvalidArgumentError(fmt::format("invalid direction '{}'", text));
}

absl::StatusOr<uint64_t> LokiRequest::Limit() const {
  constexpr int64_t kUsualLimit = 100;
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t limit, Count("limit", kUsualLimit));
  if (limit <= 0) return absl::InvalidArgumentError("limit must be a positive value");
  if (static_cast<uint64_t>(limit) > limits_.max_query_entries) {
    return absl::InvalidArgumentError(
        fmt::format("max entries limit per query exceeded, limit > max_entries_limit_per_query ({} > {})",
                    limit, limits_.max_query_entries));
  }
  return static_cast<uint64_t>(limit);
}

absl::Status LokiParseError(std::string_view query, const absl::Status& status) {
  std::string message(status.message());
  message = message.substr(0, message.find('\n'));
  // "WHAT, at line L, column C" or "WHAT, at column C" (expr/syntax_error.h).
  const size_t at = message.rfind(", at ");
  if (at == std::string::npos) return absl::InvalidArgumentError("parse error : " + message);
  std::string place = message.substr(at + 5);
  if (!place.starts_with("line ")) place = "line 1, " + place;
  const size_t column = place.find("column ");
  if (column != std::string::npos) place.replace(column, 7, "col ");
  const bool unexpected_end = query.empty();
  return absl::InvalidArgumentError(fmt::format("parse error at {}: syntax error: {}{}", place,
                                                unexpected_end ? "unexpected $end: " : "",
                                                message.substr(0, at)));
}

absl::StatusOr<logql::Query> ParseLoki(std::string_view query, const logql::QueryOptions& options) {
  auto parsed = logql::ParseQuery(query, options);
  if (!parsed.ok()) return LokiParseError(query, parsed.status());
  return parsed;
}

void SendLokiError(const absl::Status& status, net::HttpResponder& responder) {
  const absl::string_view message = status.message();
  int code = net::HttpStatusOf(status);
  if (status.code() == absl::StatusCode::kResourceExhausted)
    code = 400;  // Loki's limits are the query's fault
  responder.Send(code, {{"Content-Type", "text/plain; charset=utf-8"}, {"X-Content-Type-Options", "nosniff"}},
                 std::string(message.data(), message.size()) + "\n");
}

void SendLokiJson(const net::HttpRequest& request, std::string json, net::HttpResponder& responder) {
  net::Headers headers = {{"Content-Type", "application/json; charset=UTF-8"}};
  if (json.size() >= kMinGzipBytes && net::AcceptsGzip(request.headers)) {
    headers.Add("Content-Encoding", "gzip");
    headers.Add("Vary", "Accept-Encoding");
    json = net::GzipCompress(json);
  }
  responder.Send(200, std::move(headers), std::move(json));
}

namespace {

query::exec::ExecOptions ClientOptions(App& app, const net::HttpResponder& responder) {
  query::exec::ExecOptions options = OptionsFor(app, responder);
  options.max_series = app.options.limits.max_query_series;
  return options;
}

}  // namespace

absl::Status RunForClient(App& app, const net::HttpResponder& responder, const query::plan::Plan& plan,
                          query::exec::ResultSink& sink, query::exec::ExecStats& stats) {
  engine::embedded::EmbeddedEngine engine(app.store);
  const absl::Status status = query::exec::Execute(plan, engine, sink, ClientOptions(app, responder), stats);
  app.queries.AddQuery(stats, status);
  return status;
}

std::vector<std::string> WarningsOn(App& app, const net::HttpResponder& responder,
                                    const query::plan::Plan& plan, const query::exec::ExecStats& stats,
                                    bool found_nothing) {
  if (!found_nothing) return query::exec::NotesOf(stats);
  engine::embedded::EmbeddedEngine engine(app.store);
  std::vector<std::string> warnings;
  for (QueryNote& note : NotesOn(plan, engine, stats, ClientOptions(app, responder)))
    warnings.push_back(std::move(note.message));
  return warnings;
}

}  // namespace taffrail::server
