#include "server/answer_writer.h"

#include "record/json_writer.h"
#include "server/record_json.h"

namespace taffrail::server {
namespace {

void AppendCsv(std::string_view value, std::string& out) {
  if (value.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += value;
    return;
  }
  out += '"';
  for (const char c : value) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

std::string_view ContentTypeOf(AnswerFormat format) {
  switch (format) {
    case AnswerFormat::kNdjson:
      return "application/x-ndjson";
    case AnswerFormat::kRaw:
      return "text/plain; charset=utf-8";
    case AnswerFormat::kCsv:
      return "text/csv; charset=utf-8";
    case AnswerFormat::kJson:
      return "application/json";
  }
  return "application/octet-stream";
}

bool AnswerWriter::OnColumns(const std::vector<std::string>& columns) {
  columns_ = columns;
  if (format_ == AnswerFormat::kCsv) {
    if (columns.empty()) text_ += "timestamp,line";
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) text_ += ',';
      AppendCsv(columns[i], text_);
    }
    text_ += "\r\n";
  } else if (format_ == AnswerFormat::kJson) {
    text_ += columns.empty() ? "{\"records\":[" : "{\"columns\":[";
    if (columns.empty()) return true;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) text_ += ',';
      record::AppendJsonString(columns[i], text_);
    }
    text_ += "],\"rows\":[";
  }
  return true;
}

void AnswerWriter::BeginRow() {
  if (format_ == AnswerFormat::kJson && rows_ > 0) text_ += ",\n";
  ++rows_;
}

bool AnswerWriter::EndRow() {
  if (format_ == AnswerFormat::kCsv) {
    text_ += "\r\n";
  } else if (format_ != AnswerFormat::kJson) {
    text_ += '\n';
  }
  return text_.size() < piece_bytes_ || flush_(text_);
}

bool AnswerWriter::OnRecord(const query::exec::LogRow& row) {
  BeginRow();
  switch (format_) {
    case AnswerFormat::kRaw:
      text_ += row.line;
      break;
    case AnswerFormat::kCsv:
      record::AppendRfc3339(row.timestamp_ns, 9, text_);
      text_ += ',';
      AppendCsv(row.line, text_);
      break;
    default:
      AppendRecordJson(row, text_, max_record_bytes_);
  }
  return EndRow();
}

bool AnswerWriter::OnRow(const std::vector<expr::Value>& row) {
  BeginRow();
  if (format_ == AnswerFormat::kCsv) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text_ += ',';
      AppendCsv(expr::ToText(row[i]), text_);
    }
    return EndRow();
  }
  const bool object = format_ != AnswerFormat::kJson;
  text_ += object ? '{' : '[';
  for (size_t i = 0; i < row.size(); ++i) {
    if (i > 0) text_ += ',';
    if (object) {
      record::AppendJsonString(columns_[i], text_);
      text_ += ':';
    }
    expr::AppendJson(row[i], text_);
  }
  text_ += object ? '}' : ']';
  return EndRow();
}

std::string AnswerWriter::Finish(std::string_view notes) {
  if (format_ == AnswerFormat::kJson) {
    text_ += ']';
    if (!notes.empty()) text_.append(",\"notes\":").append(notes);
    text_ += "}\n";
  }
  return std::move(text_);
}

}  // namespace taffrail::server
