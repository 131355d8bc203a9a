#include "server/performance.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <memory>
#include <utility>

#include "fmt/format.h"
#include "record/json_writer.h"
#include "server/record_fields.h"
#include "server/record_json.h"

namespace taffrail::server {
namespace {

using expr::Expr;
using expr::FieldRef;

constexpr std::string_view kPathKeys[] = {"route",    "path_template", "endpoint", "path",
                                          "url_path", "uri",           "url"};
constexpr std::string_view kStatusKeys[] = {"status_code", "status", "response_status", "http_status"};
constexpr std::string_view kMethodKeys[] = {"method", "http_method", "request_method"};
// Where the standard events of the layouts, and most frameworks, put a request's duration.
constexpr std::string_view kDurationPaths[] = {
    "duration_ms",         "metadata.duration_ms", "http.duration_ms",         "context.duration_ms",
    "request.duration_ms", "event.duration_ms",    "http.request.duration_ms", "performance.duration_ms",
    "latency_ms",          "http.latency_ms",      "response_time_ms",         "elapsed_ms"};
constexpr std::string_view kTierNames[] = {"fast", "normal", "slow", "very_slow"};
constexpr double kTierLimitsMs[] = {100, 1000, 5000};  // E-01's

size_t TierOf(double duration_ms) {
  size_t tier = 0;
  while (tier < std::size(kTierLimitsMs) && duration_ms >= kTierLimitsMs[tier]) ++tier;
  return tier;
}

void AppendDurations(const DurationHistogram& durations, uint64_t errors, std::string& out) {
  fmt::format_to(
      std::back_inserter(out),
      R"("requests":{},"errors":{},"mean_ms":{:.3f},"p50_ms":{:.3f},"p95_ms":{:.3f},"p99_ms":{:.3f},)"
      R"("max_ms":{:.3f})",
      durations.count(), errors, durations.MeanMs(), durations.QuantileMs(0.5), durations.QuantileMs(0.95),
      durations.QuantileMs(0.99), durations.MaxMs());
}

}  // namespace

void DurationHistogram::Add(double duration_ms) {
  constexpr double kUsPerMs = 1000;
  const double octaves = std::log2(std::max(1.0, duration_ms * kUsPerMs));
  const auto bucket = static_cast<size_t>(octaves * kPerOctave);
  ++counts_[std::min(bucket, counts_.size() - 1)];
  ++count_;
  sum_ms_ += duration_ms;
  max_ms_ = std::max(max_ms_, duration_ms);
}

double DurationHistogram::QuantileMs(double quantile) const {
  if (count_ == 0) return 0;
  const auto rank = static_cast<uint64_t>(quantile * static_cast<double>(count_ - 1));
  uint64_t below = 0;
  size_t bucket = 0;
  while (bucket + 1 < counts_.size() && below + counts_[bucket] <= rank) below += counts_[bucket++];
  constexpr double kMsPerUs = 1e-3;
  const double middle = (static_cast<double>(bucket) + 0.5) / kPerOctave;
  return std::min(max_ms_, std::exp2(middle) * kMsPerUs);
}

expr::ExprPtr Performance::Filter() {
  std::vector<expr::ExprPtr> any;
  for (const std::string_view path : kDurationPaths) {
    Expr exists;
    exists.op = Expr::Op::kExists;
    exists.field = {.source = FieldRef::Source::kField, .name = std::string(path)};
    any.push_back(expr::Make(std::move(exists)));
  }
  Expr outgoing;  // what this service asked of others took its time, but is no request to it
  outgoing.op = Expr::Op::kWildcard;
  outgoing.field = {.source = FieldRef::Source::kField, .name = "logger"};
  outgoing.text = "integration*";
  return expr::And({expr::Or(std::move(any)), expr::Not(expr::Make(std::move(outgoing)))});
}

Performance::Path& Performance::PathCount(const std::string& name) {
  const auto found = paths_.find(name);
  if (found != paths_.end()) return found->second;
  return paths_.size() < kMaxPaths ? paths_[name] : other_paths_;
}

void Performance::Add(const record::RecordBatch& batch, const expr::Selection& rows) {
  RowReader reader(batch);
  const DurationReader duration(batch);
  const KeyReader path(batch, kPathKeys);
  const KeyReader status(batch, kStatusKeys);
  const KeyReader method(batch, kMethodKeys);
  for (const uint32_t row : rows) {
    const query::exec::LogRow record = reader.Read(row);
    const std::optional<double> duration_ms = duration.ReadMs(reader.cursor());
    const std::string where = path.Read(reader.cursor());
    const std::string code = status.Read(reader.cursor());
    int status_code = 0;
    std::from_chars(code.data(), code.data() + code.size(), status_code);
    if (!duration_ms || !(*duration_ms >= 0) || where.empty() || status_code < 100) continue;
    const std::string verb = method.Read(reader.cursor());
    Path& count = PathCount(verb.empty() ? where : verb + " " + where);
    const bool error = status_code >= 500;
    for (Path* each : {&all_, &count}) {
      each->durations.Add(*duration_ms);
      each->errors += error ? 1 : 0;
    }
    ++tiers_[TierOf(*duration_ms)];
    if (slowest_.size() == slowest_wanted_) {
      if (slowest_wanted_ == 0 || slowest_.front().duration_ms >= *duration_ms) continue;
      std::pop_heap(slowest_.begin(), slowest_.end());
      slowest_.pop_back();
    }
    slowest_.push_back({.duration_ms = *duration_ms, .record = {}});
    AppendRecordJson(record, slowest_.back().record);
    std::push_heap(slowest_.begin(), slowest_.end());
  }
}

void Performance::AppendJson(size_t paths, std::string& out) const {
  AppendDurations(all_.durations, all_.errors, out);
  out += ",\"tiers\":{";
  for (size_t i = 0; i < tiers_.size(); ++i) {
    fmt::format_to(std::back_inserter(out), "{}\"{}\":{}", i > 0 ? "," : "", kTierNames[i], tiers_[i]);
  }
  out += "},\"by_path\":[";
  std::vector<std::pair<std::string_view, const Path*>> sorted;
  for (const auto& [name, path] : paths_) sorted.emplace_back(name, &path);
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return std::pair(b.second->durations.count(), a.first) < std::pair(a.second->durations.count(), b.first);
  });
  if (other_paths_.durations.count() > 0) sorted.emplace_back("(others)", &other_paths_);
  for (size_t i = 0; i < std::min(paths, sorted.size()); ++i) {
    out += i > 0 ? ",\n{\"path\":" : "{\"path\":";
    record::AppendJsonString(sorted[i].first, out);
    out += ',';
    AppendDurations(sorted[i].second->durations, sorted[i].second->errors, out);
    out += '}';
  }
  out += "],\"slowest\":[";
  std::vector<const Slow*> slowest;
  for (const Slow& slow : slowest_) slowest.push_back(&slow);
  std::sort(slowest.begin(), slowest.end(), [](const Slow* a, const Slow* b) { return *a < *b; });
  for (const Slow* slow : slowest) {
    if (out.back() != '[') out += ",\n";
    out += slow->record;
  }
  out += ']';
}

}  // namespace taffrail::server
