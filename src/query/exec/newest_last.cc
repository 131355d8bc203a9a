#include "query/exec/newest_last.h"

#include "fmt/format.h"

namespace taffrail::query::exec {

bool NewestLast::OnRecord(const LogRow& row) {
  memory_bytes_ += sizeof(Held) + row.line.size() + row.attributes.size();
  if (memory_bytes_ > max_memory_bytes_) {
    error_ = absl::ResourceExhaustedError(
        fmt::format("the last records need more than the memory budget of {} MiB: ask for fewer",
                    max_memory_bytes_ >> 20));
    return false;
  }
  held_.push_back({row, *row.labels, std::string(row.line), std::string(row.attributes)});
  return true;
}

absl::Status NewestLast::Finish() {
  TAFFRAIL_RETURN_IF_ERROR(error_);
  for (auto held = held_.rbegin(); held != held_.rend(); ++held) {
    held->row.labels = &held->labels;
    held->row.line = held->line;
    held->row.attributes = held->attributes;
    if (!sink_.OnRecord(held->row)) break;
  }
  held_.clear();
  return absl::OkStatus();
}

}  // namespace taffrail::query::exec
