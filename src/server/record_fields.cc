#include "server/record_fields.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "record/well_known.h"

namespace taffrail::server {
namespace {

using record::Kind;

constexpr std::string_view kServiceLabels[] = {"service_name", "service", "app", "job"};
constexpr std::string_view kDurationKeys[] = {"duration_ms", "elapsed_ms", "latency_ms", "response_time_ms",
                                              "took_ms"};

bool MeansDuration(const record::ColumnKey& key) {
  if (key.kind != Kind::kInteger && key.kind != Kind::kDecimal && key.kind != Kind::kNumber) return false;
  const std::string_view path = key.path;
  const std::string_view last = path.substr(path.rfind('.') + 1);  // npos + 1 is 0
  return std::find(std::begin(kDurationKeys), std::end(kDurationKeys), last) != std::end(kDurationKeys);
}

}  // namespace

ServiceReader::ServiceReader(const record::RecordBatch& batch)
    : batch_(batch), holes_(record::HolesOf(batch, record::Role::kService)) {}

std::string ServiceReader::Read(const record::RowCursor& cursor) const {
  std::string name;
  const uint32_t shape = batch_.shape[cursor.row()];
  if (const int hole = holes_[shape]; hole >= 0) {
    const uint32_t column = batch_.shapes[shape].holes[static_cast<size_t>(hole)].column;
    record::AppendTextValue(batch_.columns[column], cursor.ValueIndex(column), name);
    return name;
  }
  return ServiceOfLabels(batch_.streams[batch_.stream_of(cursor.row())].labels);
}

std::string ServiceOfLabels(const record::Labels& labels) {
  for (const std::string_view wanted : kServiceLabels) {
    for (const auto& [label, value] : labels) {
      if (label == wanted) return value;
    }
  }
  return "";
}

std::vector<expr::FieldRef> ServiceReader::Fields() {
  std::vector<expr::FieldRef> fields;
  for (const std::string_view path : record::PathsOf(record::Role::kService)) {
    fields.push_back({.source = expr::FieldRef::Source::kField, .name = std::string(path)});
  }
  return fields;
}

DurationReader::DurationReader(const record::RecordBatch& batch) : batch_(batch) {
  for (const record::Shape& shape : batch.shapes) {
    int found = -1;
    for (const record::Hole& hole : shape.holes) {
      if (found < 0 && MeansDuration(batch.columns[hole.column].key)) found = static_cast<int>(hole.column);
    }
    columns_.push_back(found);
  }
}

std::optional<double> DurationReader::ReadMs(const record::RowCursor& cursor) const {
  const int column = columns_[batch_.shape[cursor.row()]];
  if (column < 0) return std::nullopt;
  const auto index = static_cast<uint32_t>(column);
  std::string text;
  record::AppendTextValue(batch_.columns[index], cursor.ValueIndex(index), text);
  double duration_ms = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), duration_ms);
  return error == std::errc() ? std::optional(duration_ms) : std::nullopt;
}

KeyReader::KeyReader(const record::RecordBatch& batch, std::span<const std::string_view> keys)
    : batch_(batch) {
  for (const record::Shape& shape : batch.shapes) {
    int found = -1;
    size_t best = keys.size();
    for (const record::Hole& hole : shape.holes) {
      const std::string_view path = batch.columns[hole.column].key.path;
      const std::string_view last = path.substr(path.rfind('.') + 1);  // npos + 1 is 0
      const auto rank = static_cast<size_t>(std::find(keys.begin(), keys.end(), last) - keys.begin());
      if (rank >= best) continue;
      best = rank;
      found = static_cast<int>(hole.column);
    }
    columns_.push_back(found);
  }
}

std::string KeyReader::Read(const record::RowCursor& cursor) const {
  std::string text;
  const int column = columns_[batch_.shape[cursor.row()]];
  if (column < 0) return text;
  const auto index = static_cast<uint32_t>(column);
  record::AppendTextValue(batch_.columns[index], cursor.ValueIndex(index), text);
  return text;
}

}  // namespace taffrail::server
