// Writes the answer to a query in the format that was asked for, as it comes.
//
//   format   records                                a table (aggregates, projections)
//   ndjson   record_json.h, one a line              {"column":value,…}, one a line
//   raw      the stored lines, byte for byte        as ndjson
//   csv      timestamp,line with a header line      the columns with a header line           (RFC 4180)
//   json     {"records":[…]}                        {"columns":[…],"rows":[[…],…]}           one document
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "query/exec/executor.h"

namespace taffrail::server {

enum class AnswerFormat : uint8_t { kNdjson, kRaw, kCsv, kJson };

std::string_view ContentTypeOf(AnswerFormat format);

class AnswerWriter final : public query::exec::ResultSink {
 public:
  // `flush` takes over what was written so far (and empties it) and says whether more is wanted. It is called
  // whenever `piece_bytes` have gathered.
  using Flush = std::function<bool(std::string& text)>;
  AnswerWriter(AnswerFormat format, size_t piece_bytes, Flush flush)
      : format_(format), piece_bytes_(piece_bytes), flush_(std::move(flush)) {}

  // In JSON, of records whose lines are longer only the beginning is written (record_json.h).
  void CutRecordsAt(uint64_t max_record_bytes) { max_record_bytes_ = max_record_bytes; }

  bool OnColumns(const std::vector<std::string>& columns) override;
  bool OnRecord(const query::exec::LogRow& row) override;
  bool OnRow(const std::vector<expr::Value>& row) override;

  // After the last row: what is left to send, the document's end included. `notes`, a JSON array or empty,
  // becomes a member of the document.
  std::string Finish(std::string_view notes = {});
  uint64_t rows() const { return rows_; }

 private:
  void BeginRow();
  bool EndRow();

  const AnswerFormat format_;
  const size_t piece_bytes_;
  const Flush flush_;
  uint64_t max_record_bytes_ = UINT64_MAX;
  std::vector<std::string> columns_;
  std::string text_;
  uint64_t rows_ = 0;
};

}  // namespace taffrail::server
