// Records for people: local time, level, service, message, then the other fields.
//
//   ── Thursday, 30 October 2025 ──
//   15:23:45.123 INFO     api  Task created successfully  context.request_id=req_8f4e2b1c
//   metadata.duration_ms=45 15:23:45.201 ERROR    api  Task creation failed  exception.type=ValueError
//       exception.stack_trace:
//         Traceback (most recent call last):
//           …
//
// A value of several lines stands below its record, indented, so that a stack trace reads as one and yet
// cannot be taken for further records. Fields that are null are left out and long arrays are cut short; raw
// shows all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cmd/terminal.h"
#include "expr/matcher.h"
#include "record/batch.h"
#include "record/row_cursor.h"

namespace taffrail::cmd {

class PrettyPrinter {
 public:
  explicit PrettyPrinter(const Painter& painter) : painter_(painter) {}

  // REQUIRES: all columns are loaded; rows ascending.
  void Append(const record::RecordBatch& batch, const expr::Selection& rows, std::string& out);

 private:
  struct Roles;
  void AppendDay(int64_t timestamp_ns, std::string& out);
  void AppendRecord(const record::RecordBatch& batch, const record::RowCursor& cursor, const Roles& roles,
                    std::string& out);
  void AppendFields(const record::RecordBatch& batch, const record::RowCursor& cursor, const Roles& roles,
                    std::string& out);
  // On the record's line, or into below_ when it has several lines itself.
  void AppendField(std::string_view name, std::string_view value, std::string& out);

  Painter painter_;
  std::string day_;    // of the last record
  std::string below_;  // what follows the record's line
  std::string value_;  // scratch
};

// "15:23:45.123" in the local time zone.
std::string LocalTimeOfDay(int64_t timestamp_ns);

}  // namespace taffrail::cmd
