#include "server/stats.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "base/spares.h"
#include "base/time_text.h"
#include "expr/field_values.h"
#include "fmt/format.h"
#include "record/json_writer.h"
#include "record/well_known.h"
#include "server/record_fields.h"

namespace taffrail::server {
namespace {

using expr::FieldRef;

const FieldRef kLevel = {.source = FieldRef::Source::kLevel, .name = {}};

void AppendCount(std::string& out, uint64_t lines, uint64_t errors) {
  fmt::format_to(std::back_inserter(out), "\"lines\":{},\"errors\":{}", lines, errors);
}

// Rounded up to a millisecond, in which the answer gives it: the buckets cover the whole range.
int64_t BucketWidth(int64_t from_ns, int64_t to_ns, int64_t buckets) {
  constexpr int64_t kNsPerMs = 1'000'000;
  const int64_t per_bucket = buckets * kNsPerMs;
  return std::max<int64_t>(1, (to_ns - from_ns + per_bucket - 1) / per_bucket) * kNsPerMs;
}

}  // namespace

Stats::Stats(int64_t from_ns, int64_t to_ns, uint64_t buckets)
    : from_ns_(from_ns),
      to_ns_(to_ns),
      bucket_ns_(BucketWidth(from_ns, to_ns, static_cast<int64_t>(buckets))),
      buckets_(buckets) {}

query::exec::RecordColumns Stats::Columns() {
  query::exec::RecordColumns columns{.fields = ServiceReader::Fields()};
  columns.fields.push_back(kLevel);
  return columns;
}

Stats::Count& Stats::ServiceCount(const std::string& name) {
  const auto found = services_.find(name);
  if (found != services_.end()) return found->second;
  if (services_.size() >= kMaxServices) return other_services_;
  return services_[name];
}

// The number of each row's service: under one of the paths of the batch's shapes, else a label.
void Stats::NumberServices(const record::RecordBatch& batch, const expr::Selection& rows) {
  constexpr int kLabel = -1;
  const std::vector<int> holes = record::HolesOf(batch, record::Role::kService);
  std::vector<std::string> paths;
  std::vector<int> path_of(batch.shapes.size(), kLabel);
  for (size_t shape = 0; shape < holes.size(); ++shape) {
    if (holes[shape] < 0) continue;
    const uint32_t column = batch.shapes[shape].holes[static_cast<size_t>(holes[shape])].column;
    const std::string& path = batch.columns[column].key.path;
    const auto known = std::find(paths.begin(), paths.end(), path);
    path_of[shape] = static_cast<int>(known - paths.begin());
    if (known == paths.end()) paths.push_back(path);
  }
  std::vector<uint32_t> labels;
  for (const record::Stream& stream : batch.streams)
    labels.push_back(service_numbers_.known().OfText(ServiceOfLabels(stream.labels)));
  row_services_.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    if (path_of[batch.shape[rows[i]]] == kLabel) row_services_[i] = labels[batch.stream_of(rows[i])];
  }
  for (size_t p = 0; p < paths.size(); ++p) {
    const FieldRef field{.source = FieldRef::Source::kPath, .name = paths[p]};
    service_numbers_.Number(expr::FieldValues(batch, field, rows), numbers_);
    for (size_t i = 0; i < rows.size(); ++i) {
      if (path_of[batch.shape[rows[i]]] == static_cast<int>(p)) row_services_[i] = numbers_[i];
    }
  }
}

void Stats::Add(const record::RecordBatch& batch, const expr::Selection& rows) {
  level_numbers_.Number(expr::FieldValues(batch, kLevel, rows), row_levels_);
  NumberServices(batch, rows);
  by_level_.resize(level_numbers_.known().values().size());
  by_service_.resize(service_numbers_.known().values().size());
  std::vector<uint64_t> is_error;
  for (const expr::Value& level : level_numbers_.known().values()) {
    const std::string text = expr::ToText(level);
    is_error.push_back(text == "ERROR" || text == "CRITICAL" ? 1 : 0);
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint64_t error = is_error[row_levels_[i]];
    ++by_level_[row_levels_[i]];
    by_service_[row_services_[i]].Add(error);
    const auto bucket = static_cast<size_t>((batch.timestamp_ns[rows[i]] - from_ns_) / bucket_ns_);
    buckets_[std::min(bucket, buckets_.size() - 1)].Add(error);  // a line of this very moment is in the last
  }
  if (by_service_.size() > kMaxNumbers || by_level_.size() > kMaxNumbers) Name();
}

// From numbers, which grow with what is seen, to names, which are bounded.
void Stats::Name() {
  for (size_t i = 0; i < by_level_.size(); ++i) {
    const std::string name = expr::ToText(level_numbers_.known().values()[i]);
    const bool fits = levels_.size() < kMaxServices || levels_.contains(name);
    if (by_level_[i] > 0) levels_[fits ? name : "(others)"] += by_level_[i];
  }
  for (size_t i = 0; i < by_service_.size(); ++i) {
    if (by_service_[i].lines > 0)
      ServiceCount(expr::ToText(service_numbers_.known().values()[i])).Add(by_service_[i]);
  }
  level_numbers_ = {};
  service_numbers_ = {};
  by_level_.clear();
  by_service_.clear();
}

void Stats::Merge(Stats& other) {
  Name();
  other.Name();
  for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i].Add(other.buckets_[i]);
  for (const auto& [level, lines] : other.levels_) levels_[level] += lines;
  for (const auto& [service, count] : other.services_) ServiceCount(service).Add(count);
  other_services_.Add(other.other_services_);
}

std::string Stats::ToJson(const store::StoreInfo& info) {
  Name();
  Count all;
  for (const Count& bucket : buckets_) all.Add(bucket);
  std::string out;
  const auto append = [&](auto format, const auto&... values) {
    fmt::format_to(std::back_inserter(out), fmt::runtime(format), values...);
  };
  append("{{\"from\":\"{}\",\"to\":\"{}\",", base::FormatRfc3339(from_ns_), base::FormatRfc3339(to_ns_));
  AppendCount(out, all.lines, all.errors);
  out += ",\"by_level\":{";
  for (const auto& [level, lines] : levels_) {
    if (out.back() != '{') out += ',';
    record::AppendJsonString(level.empty() ? "none" : level, out);
    append(":{}", lines);
  }
  out += "},\"by_service\":[";
  std::vector<std::pair<std::string, Count>> services(services_.begin(), services_.end());
  std::sort(services.begin(), services.end(), [](const auto& a, const auto& b) {
    return std::pair(b.second.lines, a.first) < std::pair(a.second.lines, b.first);
  });
  if (other_services_.lines > 0) services.emplace_back("(others)", other_services_);
  for (const auto& [name, count] : services) {
    if (out.back() != '[') out += ',';
    out += "{\"service\":";
    record::AppendJsonString(name, out);
    out += ',';
    AppendCount(out, count.lines, count.errors);
    out += '}';
  }
  append("],\"bucket_ms\":{},\"buckets\":[", bucket_ns_ / 1'000'000);
  for (size_t i = 0; i < buckets_.size(); ++i) {
    if (i > 0) out += ',';
    append("{{\"start\":\"{}\",", base::FormatRfc3339(from_ns_ + static_cast<int64_t>(i) * bucket_ns_));
    AppendCount(out, buckets_[i].lines, buckets_[i].errors);
    out += '}';
  }
  append(
      "],\"store\":{{\"rows\":{},\"raw_bytes\":{},\"disk_bytes\":{},\"wal_bytes\":{},\"memtable_rows\":{},",
      info.rows, info.raw_bytes, info.disk_bytes, info.wal_bytes, info.memtable_rows);
  append("\"parts\":{},\"flushes\":{},\"merges\":{}}}}}\n", info.parts.size(), info.flushes, info.merges);
  return out;
}

absl::StatusOr<Stats> CountLines(int64_t from_ns, int64_t to_ns, uint64_t buckets,
                                 query::exec::Engine& engine, const query::exec::ExecOptions& options,
                                 query::exec::ExecStats& figures) {
  base::Spares<Stats> spares([&] { return std::make_unique<Stats>(from_ns, to_ns, buckets); });
  TAFFRAIL_RETURN_IF_ERROR(query::exec::ReadRecords(
      {.range = {from_ns, to_ns + 1}, .order = query::plan::Order::kNone}, Stats::Columns(), engine,
      [&](const record::RecordBatch& batch, const expr::Selection& rows) {
        std::unique_ptr<Stats> stats = spares.Take();
        stats->Add(batch, rows);
        spares.Give(std::move(stats));
        return true;
      },
      options, figures));
  Stats all(from_ns, to_ns, buckets);
  for (const std::unique_ptr<Stats>& each : spares.TakeAll()) all.Merge(*each);
  return all;
}

}  // namespace taffrail::server
