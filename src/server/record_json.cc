#include "server/record_json.h"

#include "record/intake.h"
#include "record/json_writer.h"

namespace taffrail::server {

using query::exec::LogRow;

void AppendRecordJson(const LogRow& row, std::string& out, uint64_t max_line_bytes) {
  out += "{\"timestamp\":\"";
  record::AppendRfc3339(row.timestamp_ns, 9, out);
  out += '"';
  if (row.sequence != 0) {
    out += ",\"sequence\":";
    record::AppendUint(row.sequence, out);
  }
  out += ",\"stream\":";
  AppendLabels(row.labels != nullptr ? *row.labels : record::Labels(), out);
  if (!row.attributes.empty()) {
    out += ",\"attributes\":";
    out += row.attributes;
  }
  out += ",\"record\":";
  if (row.line.size() > max_line_bytes) {
    record::AppendJsonString(row.line.substr(0, record::ClippedSize(row.line, max_line_bytes)), out);
    out += ",\"line_bytes\":";
    record::AppendUint(row.line.size(), out);
  } else if (!record::IsJsonObject(row.line)) {
    record::AppendJsonString(row.line, out);
  } else {
    const size_t begin = out.size();
    out += row.line;
    for (size_t i = begin; i < out.size(); ++i) {
      if (static_cast<unsigned char>(out[i]) < 0x20) out[i] = ' ';  // inside strings JSON has none of them
    }
  }
  out += '}';
}

void AppendLabels(const record::Labels& labels, std::string& out) {
  out += '{';
  for (size_t i = 0; i < labels.size(); ++i) {
    if (i > 0) out += ',';
    record::AppendJsonString(labels[i].first, out);
    out += ':';
    record::AppendJsonString(labels[i].second, out);
  }
  out += '}';
}

LogRow RowReader::Read(size_t row) {
  cursor_.MoveTo(row);
  line_.clear();
  attributes_.clear();
  cursor_.AppendLine(line_);
  cursor_.AppendAttributes(attributes_);
  return {.timestamp_ns = batch_.timestamp_ns[row],
          .sequence = batch_.sequence.empty() ? 0 : batch_.sequence[row],
          .labels = &batch_.streams[batch_.stream_of(row)].labels,
          .line = line_,
          .attributes = attributes_};
}

}  // namespace taffrail::server
