#include "server/stats.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/time_text.h"
#include "expr/field_reader.h"
#include "fmt/format.h"
#include "record/json_writer.h"
#include "record/row_cursor.h"
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

store::ScanRequest Stats::Request() const {
  store::ScanRequest request;
  request.range = {.from_ns = from_ns_, .to_ns = to_ns_ + 1};
  request.columns.fields = ServiceReader::Fields();
  request.columns.fields.push_back(kLevel);
  return request;
}

Stats::Count& Stats::ServiceCount(const std::string& name) {
  const auto found = services_.find(name);
  if (found != services_.end()) return found->second;
  if (services_.size() >= kMaxServices) return other_services_;
  return services_[name];
}

void Stats::Add(const record::RecordBatch& batch, const expr::Selection& rows) {
  record::RowCursor cursor(batch);
  const expr::FieldReader level_reader(batch, kLevel);
  const ServiceReader service_reader(batch);
  for (const uint32_t row : rows) {
    cursor.MoveTo(row);
    const std::string level = expr::ToText(level_reader.Read(cursor));
    const bool error = level == "ERROR" || level == "CRITICAL";
    all_.Add(error);
    ++levels_[level];
    ServiceCount(service_reader.Read(cursor)).Add(error);
    const auto bucket = static_cast<size_t>((batch.timestamp_ns[row] - from_ns_) / bucket_ns_);
    buckets_[std::min(bucket, buckets_.size() - 1)].Add(error);  // a line of this very moment is in the last
  }
}

std::string Stats::ToJson(const store::StoreInfo& info) const {
  std::string out;
  const auto append = [&](auto format, const auto&... values) {
    fmt::format_to(std::back_inserter(out), fmt::runtime(format), values...);
  };
  append("{{\"from\":\"{}\",\"to\":\"{}\",", base::FormatRfc3339(from_ns_), base::FormatRfc3339(to_ns_));
  AppendCount(out, all_.lines, all_.errors);
  out += ",\"by_level\":{";
  const std::map<std::string, uint64_t> levels(levels_.begin(), levels_.end());
  for (const auto& [level, lines] : levels) {
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

}  // namespace taffrail::server
