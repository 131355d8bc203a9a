// Reads the answers of a server back: the reverse of server/answer_writer.h's ndjson.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "query/exec/executor.h"

namespace taffrail::cmd {

// Not thread-safe; keeps its buffers from call to call.
class RemoteRecordReader {
 public:
  RemoteRecordReader();
  ~RemoteRecordReader();

  // {"timestamp":…,"stream":…,"record":…}. The row's views are valid until the next call. Internal when it is
  // not such an object.
  absl::StatusOr<query::exec::LogRow> Record(std::string_view json);

  // {"column":value,…}: names and values in order.
  absl::Status TableRow(std::string_view json, std::vector<std::string>& columns,
                        std::vector<expr::Value>& values);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace taffrail::cmd
