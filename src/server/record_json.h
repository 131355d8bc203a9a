// A record as the API gives it, one JSON object on one line:
//
//   {"timestamp":"2025-10-30T14:23:45.123000000Z","sequence":17,"stream":{"app":"api"},
//    "attributes":{"trace_id":"…"},"record":{the stored line}}
//
// "record" is the stored line itself when it is JSON, and a string when it is text; sequence (order of
// arrival) and attributes are there when the record has them. White space between the tokens of the line
// becomes blanks, so that the object stays on one line whatever was pushed; `format=raw` gives the bytes.
#pragma once

#include <cstdint>
#include <string>

#include "query/exec/executor.h"
#include "record/batch.h"
#include "record/row_cursor.h"

namespace taffrail::server {

// A line longer than max_line_bytes is cut: "record" is then a string with its beginning, and "line_bytes"
// says how long it is as a whole.
void AppendRecordJson(const query::exec::LogRow& row, std::string& out, uint64_t max_line_bytes = UINT64_MAX);

// {"name":"value",…}
void AppendLabels(const record::Labels& labels, std::string& out);

// The rows of a batch as an executor would give them.
class RowReader {
 public:
  // The batch must outlive the reader; all its columns must be loaded.
  explicit RowReader(const record::RecordBatch& batch) : batch_(batch), cursor_(batch) {}

  // Its views are valid until the next call. REQUIRES: row is not below that of an earlier call.
  query::exec::LogRow Read(size_t row);
  const record::RowCursor& cursor() const { return cursor_; }

 private:
  const record::RecordBatch& batch_;
  record::RowCursor cursor_;
  std::string line_;
  std::string attributes_;
};

}  // namespace taffrail::server
