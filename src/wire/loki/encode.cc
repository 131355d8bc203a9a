#include <snappy.h>

#include <string>
#include <vector>

#include "base/bytes.h"
#include "record/json_writer.h"
#include "record/row_cursor.h"
#include "wire/loki/flat_object.h"
#include "wire/loki/label_text.h"
#include "wire/loki/push.h"

namespace taffrail::wire::loki {
namespace {

// Walks the rows once, in order; append(row, line, attributes, out) writes an entry to its stream's own text.
template <typename AppendEntry>
std::vector<std::string> EntriesByStream(const record::RecordBatch& batch, AppendEntry append) {
  std::vector<std::string> entries(batch.streams.size());
  record::RowCursor cursor(batch);
  std::string line;
  std::string attributes;
  for (size_t row = 0; row < batch.rows(); ++row) {
    cursor.MoveTo(row);
    line.clear();
    attributes.clear();
    cursor.AppendLine(line);
    cursor.AppendAttributes(attributes);
    append(row, line, attributes, entries[batch.stream_of(row)]);
  }
  return entries;
}

void PutTag(std::string& out, uint32_t number, uint32_t wire_type) {
  base::PutVarint(out, uint64_t{number} << 3 | wire_type);
}

void PutBytes(std::string& out, uint32_t number, std::string_view bytes) {
  PutTag(out, number, 2);
  base::PutString(out, bytes);
}

std::string TimestampMessage(int64_t timestamp_ns) {
  constexpr int64_t kSecond = 1'000'000'000;
  int64_t seconds = timestamp_ns / kSecond;
  int64_t nanos = timestamp_ns % kSecond;
  if (nanos < 0) {
    nanos += kSecond;
    --seconds;
  }
  std::string out;
  PutTag(out, 1, 0);
  base::PutVarint(out, static_cast<uint64_t>(seconds));
  PutTag(out, 2, 0);
  base::PutVarint(out, static_cast<uint64_t>(nanos));
  return out;
}

std::string EntryMessage(int64_t timestamp_ns, std::string_view line, std::string_view attributes) {
  std::string entry;
  PutBytes(entry, 1, TimestampMessage(timestamp_ns));
  PutBytes(entry, 2, line);
  record::Labels metadata;
  if (!attributes.empty()) ReadFlatObject(attributes.data(), attributes.data() + attributes.size(), metadata);
  for (const auto& [name, value] : metadata) {
    std::string pair;
    PutBytes(pair, 1, name);
    PutBytes(pair, 2, value);
    PutBytes(entry, 3, pair);
  }
  return entry;
}

}  // namespace

std::string EncodeJson(const record::RecordBatch& batch) {
  const auto entries = EntriesByStream(
      batch, [&](size_t row, std::string_view line, std::string_view attributes, std::string& out) {
        out += out.empty() ? "[\"" : ",[\"";
        record::AppendInt(batch.timestamp_ns[row], out);
        out += "\",";
        record::AppendJsonString(line, out);
        if (!attributes.empty()) {
          out.push_back(',');
          out += attributes;
        }
        out.push_back(']');
      });
  std::string out = "{\"streams\":[";
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].empty()) continue;
    if (out.back() != '[') out.push_back(',');
    out += "{\"stream\":";
    AppendFlatObject(batch.streams[i].labels, out);
    out += ",\"values\":[";
    out += entries[i];
    out += "]}";
  }
  out += "]}";
  return out;
}

std::string EncodeProtobuf(const record::RecordBatch& batch) {
  const auto entries = EntriesByStream(
      batch, [&](size_t row, std::string_view line, std::string_view attributes, std::string& out) {
        PutBytes(out, 2, EntryMessage(batch.timestamp_ns[row], line, attributes));
      });
  std::string request;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].empty()) continue;
    std::string stream;
    PutBytes(stream, 1, FormatLabels(batch.streams[i].labels));
    stream += entries[i];
    PutBytes(request, 1, stream);
  }
  std::string compressed;
  snappy::Compress(request.data(), request.size(), &compressed);
  return compressed;
}

}  // namespace taffrail::wire::loki
