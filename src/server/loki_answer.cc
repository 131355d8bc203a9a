#include "server/loki_answer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include "fmt/format.h"
#include "record/json_writer.h"

namespace taffrail::server {
namespace {

using query::exec::Entry;
using query::exec::EntryField;
using query::exec::LabelSet;
using query::exec::LogRow;

constexpr std::string_view kDetectedLevel = "detected_level";

void AppendMember(std::string_view name, std::string_view value, std::string& out) {
  if (out.back() != '{') out += ',';
  record::AppendJsonString(name, out);
  out += ':';
  record::AppendJsonString(value, out);
}

// The level that we found out counts as structured metadata, as in Loki, which finds it at ingest.
bool IsMetadata(const EntryField& field) {
  return field.origin == EntryField::Origin::kAttribute || field.name == kDetectedLevel;
}

void AppendCategories(const Entry& entry, std::string& out) {
  out += ",{";
  std::string metadata = "{";
  std::string parsed = "{";
  for (const EntryField& field : entry.fields) {
    if (field.origin == EntryField::Origin::kStream) continue;
    const std::string text = expr::ToText(field.value);
    if (!text.empty()) AppendMember(field.name, text, IsMetadata(field) ? metadata : parsed);
  }
  if (!entry.error.empty()) AppendMember(query::exec::kErrorField, entry.error, parsed);
  if (!entry.error_details.empty())
    AppendMember(query::exec::kErrorDetailsField, entry.error_details, parsed);
  if (metadata.size() > 1) out += "\"structuredMetadata\":" + metadata + "}";
  if (parsed.size() > 1) out += (out.back() == '{' ? "\"parsed\":" : ",\"parsed\":") + parsed + "}";
  out += '}';
}

}  // namespace

void AppendLabelSet(const LabelSet& labels, std::string& out) {
  out += '{';
  for (const auto& [name, value] : labels) AppendMember(name, value, out);
  out += '}';
}

std::string LokiNumber(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char buffer[400];  // 1.8e308 in digits
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::fixed);
  return {buffer, result.ptr};
}

std::string LokiSeconds(int64_t time_ns) {
  const int64_t millis = time_ns / 1'000'000;
  if (millis % 1000 == 0) return std::to_string(millis / 1000);
  std::string text = fmt::format("{}.{:03}", millis / 1000, std::abs(millis % 1000));
  while (text.back() == '0') text.pop_back();
  return text;
}

LabelSet LokiStreamLabels(const LogRow& row, bool categorizes_labels) {
  if (row.entry == nullptr) return {row.labels->begin(), row.labels->end()};
  if (!categorizes_labels) return LabelsOf(*row.entry);
  LabelSet labels;
  for (const EntryField& field : row.entry->fields) {
    if (field.origin != EntryField::Origin::kStream) continue;
    std::string text = expr::ToText(field.value);
    if (!text.empty()) labels.emplace_back(field.name, std::move(text));
  }
  std::sort(labels.begin(), labels.end());
  return labels;
}

void AppendLokiValue(const LogRow& row, bool categorizes_labels, std::string& out) {
  fmt::format_to(std::back_inserter(out), "[\"{}\",", row.timestamp_ns);
  record::AppendJsonString(row.line, out);
  if (categorizes_labels && row.entry != nullptr) AppendCategories(*row.entry, out);
  out += ']';
}

bool LokiAnswer::OnRecord(const LogRow& row) {
  if (entries_ == limit_) return false;
  if (interval_ns_ > 0) {
    const auto [earlier, later] = std::minmax({row.timestamp_ns, last_ns_.value_or(row.timestamp_ns)});
    const uint64_t apart_ns = static_cast<uint64_t>(later) - static_cast<uint64_t>(earlier);
    if (last_ns_ && apart_ns < static_cast<uint64_t>(interval_ns_)) return true;
    last_ns_ = row.timestamp_ns;
  }
  Stream& stream = streams_[LokiStreamLabels(row, categorizes_labels_)];
  if (!stream.values.empty()) stream.values += ',';
  AppendLokiValue(row, categorizes_labels_, stream.values);
  ++entries_;
  line_bytes_ += row.line.size();
  return true;
}

bool LokiAnswer::OnMatrix(const query::exec::Matrix& matrix) {
  type_ = shape_ == Shape::kInstant ? "vector" : "matrix";
  for (const query::exec::Series& series : matrix.series) {
    if (!series_.empty()) series_ += ',';
    series_ += "{\"metric\":";
    AppendLabelSet(series.labels, series_);
    series_ += shape_ == Shape::kInstant ? ",\"value\":" : ",\"values\":[";
    bool first = true;
    for (size_t point = 0; point < matrix.grid.points(); ++point) {
      if (!series.present[point]) continue;
      if (!first) series_ += ',';
      first = false;
      series_ += '[' + LokiSeconds(matrix.grid.At(point)) + ",\"" + LokiNumber(series.values[point]) + "\"]";
      ++entries_;
    }
    series_ += shape_ == Shape::kInstant ? "}" : "]}";
  }
  return true;
}

void LokiAnswer::SetScalar(int64_t time_ns, double value) {
  type_ = "scalar";
  series_ = '[' + LokiSeconds(time_ns) + ",\"" + LokiNumber(value) + "\"]";
}

std::string LokiAnswer::ToJson(const query::exec::ExecStats& stats,
                               const std::vector<std::string>& warnings) const {
  std::string out = "{\"status\":\"success\",";
  if (!warnings.empty()) {
    out += "\"warnings\":[";
    for (const std::string& warning : warnings) {
      if (out.back() != '[') out += ',';
      record::AppendJsonString(warning, out);
    }
    out += "],";
  }
  out += "\"data\":{\"resultType\":\"" + type_ + "\",\"result\":";
  if (type_ == "scalar") {
    out += series_;
  } else {
    out += '[' + series_;
    for (const auto& [labels, stream] : streams_) {
      if (out.back() != '[') out += ',';
      out += "{\"stream\":";
      AppendLabelSet(labels, out);
      out += ",\"values\":[" + stream.values + "]}";
    }
    out += ']';
  }
  if (type_ == "streams" && categorizes_labels_) out += ",\"encodingFlags\":[\"categorize-labels\"]";
  out += ",\"stats\":";
  AppendLokiStats(stats, entries_, waited_ns_, out);
  return out + "}}\n";
}

void AppendLokiStats(const query::exec::ExecStats& stats, uint64_t entries, int64_t waited_ns,
                     std::string& out) {
  const double seconds = static_cast<double>(stats.time_ns) / 1e9;
  const auto per_second = [&](uint64_t count) {
    return seconds > 0 ? static_cast<uint64_t>(static_cast<double>(count) / seconds) : 0;
  };
  const auto& scan = stats.scan;
  const auto to = std::back_inserter(out);
  fmt::format_to(
      to,
      R"({{"summary":{{"bytesProcessedPerSecond":{},"linesProcessedPerSecond":{},)"
      R"("totalBytesProcessed":{},"totalLinesProcessed":{},"execTime":{},"queueTime":{},)"
      R"("subqueries":0,"totalEntriesReturned":{},"splits":0,"shards":0,"totalPostFilterLines":{},)"
      R"("totalStructuredMetadataBytesProcessed":0}},)",
      per_second(scan.bytes_decoded), per_second(scan.rows_read), scan.bytes_decoded, scan.rows_read, seconds,
      static_cast<double>(waited_ns) / 1e9, entries, scan.rows_matched);
  // Blocks take the place of chunks; there are no ingesters, and no cache.
  fmt::format_to(to,
                 R"("querier":{{"store":{{"totalChunksRef":{},"totalChunksDownloaded":{},)"
                 R"("chunksDownloadTime":0,"chunk":{{"headChunkBytes":0,"headChunkLines":0,)"
                 R"("decompressedBytes":{},"decompressedLines":{},"compressedBytes":{},"totalDuplicates":0,)"
                 R"("postFilterLines":{}}}}}}},)",
                 scan.blocks, scan.blocks_read, scan.bytes_decoded, scan.rows_read, scan.bytes_read,
                 scan.rows_matched);
  out += R"("ingester":{"totalReached":0,"totalChunksMatched":0,"totalBatches":0,"totalLinesSent":0,)"
         R"("store":{"totalChunksRef":0,"totalChunksDownloaded":0,"chunksDownloadTime":0,)"
         R"("chunk":{"headChunkBytes":0,"headChunkLines":0,"decompressedBytes":0,"decompressedLines":0,)"
         R"("compressedBytes":0,"totalDuplicates":0,"postFilterLines":0}}},"cache":{}})";
}

}  // namespace taffrail::server
